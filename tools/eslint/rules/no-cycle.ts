import type { Rule } from 'eslint';
import { relative } from 'node:path';
import { fileOf, pathTo } from '../import-graph.ts';
import { onNamedModule } from '../module-specifiers.ts';

/**
 * No circle of files inside a project: two files that need each other are one file, or have a third hidden in them. Imports of
 * types alone do not count, for nothing of them is left at run time.
 */
export const noCycle: Rule.RuleModule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { cycle: 'This import closes a circle: {{circle}}.' },
  },
  create(context) {
    const self = context.filename;
    return onNamedModule(({ specifier, typeOnly, node }) => {
      const target = typeOnly || node.type === 'CallExpression' ? undefined : fileOf(self, specifier);
      if (target === undefined) return;
      const back = target === self ? [self] : pathTo(target, (file) => file === self, { types: false });
      if (!back) return;
      const circle = [self, ...back].map((file) => relative(context.cwd, file)).join(' → ');
      context.report({ node, messageId: 'cycle', data: { circle } });
    });
  },
};
