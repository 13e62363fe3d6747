import type { Rule } from 'eslint';

// A suppression of everything would suppress this rule too; no directive reaches a line before the first.
const beforeTheFile = { line: 0, column: 0 };

/** A suppression names its rule and its reason: `// eslint-disable-next-line some/rule -- why it is right here`. */
export const reasonedSuppression: Rule.RuleModule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      bare: 'Line {{line}}: name the rule and the reason: "{{directive}} some/rule -- why it is right here".',
      guard:
        'Line {{line}}: this rule guards a boundary. Change tools/eslint/boundaries.ts, with a reason, or the code.',
    },
  },
  create(context) {
    return {
      Program() {
        for (const { value, loc } of context.sourceCode.getAllComments()) {
          const match = /^\s*(eslint-disable(?:-next-line|-line)?)\b(.*)$/s.exec(value);
          if (!match) continue;
          const [, directive = '', rest = ''] = match;
          const [rules = '', reason = ''] = rest.split(/\s-{2,}\s/);
          const data = { directive, line: String(loc?.start.line) };
          if (rules.trim() === '' || reason.trim() === '') {
            context.report({ loc: beforeTheFile, messageId: 'bare', data });
          } else if (/@nx\/|holdfast\//.test(rules)) {
            context.report({ loc: beforeTheFile, messageId: 'guard', data });
          }
        }
      },
    };
  },
};
