import type { Rule } from 'eslint';
import { isBuiltin } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { workspaceRoot } from '../../workspace.ts';
import { onNamedModule } from '../module-specifiers.ts';

interface Options {
  readonly root: string;
  readonly doors: readonly string[];
  readonly builtins: readonly string[] | 'any';
  /** Files outside the project that it may name by path all the same, from the root of the workspace. */
  readonly shared?: readonly string[];
}

/**
 * What Nx cannot see of an import: which door of an allowed project is used, a path that leaves the project, and the
 * modules of Node itself. Closed by default: a door or a builtin that is not listed is refused.
 */
export const doors: Rule.RuleModule = {
  meta: {
    type: 'problem',
    schema: [
      {
        type: 'object',
        properties: {
          root: { type: 'string' },
          doors: { type: 'array', items: { type: 'string' } },
          builtins: { anyOf: [{ enum: ['any'] }, { type: 'array', items: { type: 'string' } }] },
          shared: { type: 'array', items: { type: 'string' } },
        },
        required: ['root', 'doors', 'builtins'],
        additionalProperties: false,
      },
    ],
    messages: {
      leaves: '"{{specifier}}" leaves {{root}}. Import another project through one of its doors.',
      shut: '"{{specifier}}" is not a door that {{root}} may use here. Open: {{open}}.',
      builtin: '{{root}} may not load "{{specifier}}": what it needs of the world is handed to it.',
      prefix: 'Write "node:{{specifier}}", so that no package of that name can be loaded instead.',
    },
  },
  create(context) {
    const options = context.options[0] as Options;
    const { root } = options;
    return onNamedModule(({ specifier, typeOnly, node }) => {
      if (specifier.startsWith('.')) {
        if (staysInside(resolve(dirname(context.filename), specifier), options)) return;
        context.report({ node, messageId: 'leaves', data: { specifier, root } });
      } else if (specifier.startsWith('@holdfast/')) {
        if (options.doors.includes(specifier)) return;
        const open = options.doors.join(', ') || 'none';
        context.report({ node, messageId: 'shut', data: { specifier, root, open } });
      } else if (isBuiltin(specifier)) {
        const name = specifier.replace(/^node:/, '');
        if (name === specifier) context.report({ node, messageId: 'prefix', data: { specifier } });
        if (options.builtins === 'any' || typeOnly || options.builtins.includes(name)) return;
        context.report({ node, messageId: 'builtin', data: { specifier, root } });
      }
    });
  },
};

function staysInside(file: string, { root, shared = [] }: Options): boolean {
  const path = relative(workspaceRoot, file);
  return path.startsWith(`${root}/`) || shared.includes(path);
}
