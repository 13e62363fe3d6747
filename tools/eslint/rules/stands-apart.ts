import type { Rule } from 'eslint';
import { relative } from 'node:path';
import { pathTo, fileOf } from '../import-graph.ts';
import { onNamedModule } from '../module-specifiers.ts';

interface Options {
  readonly mayNotReach: readonly string[];
}

/**
 * For code that must share nothing with a package: refuses the import itself, and the import of a file through which the
 * package is reached, types included.
 */
export const standsApart: Rule.RuleModule = {
  meta: {
    type: 'problem',
    schema: [
      {
        type: 'object',
        properties: { mayNotReach: { type: 'array', items: { type: 'string' } } },
        required: ['mayNotReach'],
        additionalProperties: false,
      },
    ],
    messages: {
      names: 'Attackers and control group share no code with the real stack: "{{specifier}}" is part of it.',
      reaches: 'Attackers and control group share no code with the real stack, and this import reaches it: {{path}}.',
    },
  },
  create(context) {
    const { mayNotReach } = context.options[0] as Options;
    return onNamedModule(({ specifier, node }) => {
      if (mayNotReach.includes(specifier)) {
        context.report({ node, messageId: 'names', data: { specifier } });
        return;
      }
      const target = fileOf(context.filename, specifier);
      if (target === undefined) return;
      const found = pathTo(target, (_, imports) => imports.some((each) => mayNotReach.includes(each.specifier)), {
        types: true,
      });
      if (!found) return;
      const path = found.map((file) => relative(context.cwd, file)).join(' → ');
      context.report({ node, messageId: 'reaches', data: { path } });
    });
  },
};
