import type { Rule } from 'eslint';

interface Options {
  readonly allow?: readonly string[];
}

/** As much of a syntax node as the rule looks at. */
interface Node {
  readonly type: string;
  readonly name?: string;
  readonly value?: unknown;
  readonly params?: readonly unknown[];
}

/**
 * No switch that turns a protection of TLS off. The few places with a reason are listed in `boundaries.ts`; an
 * `eslint-disable` beside the line is not the way.
 */
export const unsafeSwitch: Rule.RuleModule = {
  meta: {
    type: 'problem',
    schema: [
      {
        type: 'object',
        properties: { allow: { type: 'array', items: { type: 'string' } } },
        additionalProperties: false,
      },
    ],
    messages: {
      rejectUnauthorized:
        'rejectUnauthorized is the literal true here, or it is not named: anything else accepts any peer.',
      environment: 'NODE_TLS_REJECT_UNAUTHORIZED turns verification off for the whole process.',
      createInsecure: 'gRPC without TLS: nobody knows who calls.',
      checkServerIdentity: 'A server identity check that does not look at its arguments accepts every server.',
      ignoreHTTPSErrors: 'The browser must trust the certificate, not ignore it (trust the root, or pin its key).',
    },
  },
  create(context) {
    const { allow = [] } = (context.options[0] ?? {}) as Options;
    const refuse = (node: Rule.Node, messageId: string): void => {
      if (!allow.includes(messageId)) context.report({ node, messageId });
    };
    const judge = (node: Rule.Node, name: string | undefined, value: Node): void => {
      if (name === 'rejectUnauthorized' && !isLiteral(value, true)) refuse(node, 'rejectUnauthorized');
      if (name === 'checkServerIdentity' && looksAtNothing(value)) refuse(node, 'checkServerIdentity');
      if (name === 'ignoreHTTPSErrors' && !isLiteral(value, false)) refuse(node, 'ignoreHTTPSErrors');
    };
    const judgeText = (node: Rule.Node, text: string): void => {
      if (text.includes('NODE_TLS_REJECT_UNAUTHORIZED')) refuse(node, 'environment');
      if (/^--ignore-certificate-errors(?!-spki-list)/.test(text)) refuse(node, 'ignoreHTTPSErrors');
    };
    return {
      Property(node) {
        // A pattern takes a value apart; it sets nothing.
        if (node.parent.type === 'ObjectExpression') judge(node, nameOf(node.key, node.computed), node.value);
      },
      AssignmentExpression(node) {
        if (node.left.type !== 'MemberExpression') return;
        judge(node, nameOf(node.left.property, node.left.computed), node.right);
      },
      MemberExpression(node) {
        if (nameOf(node.property, node.computed) === 'createInsecure') refuse(node, 'createInsecure');
      },
      Identifier(node) {
        if (node.name === 'NODE_TLS_REJECT_UNAUTHORIZED') refuse(node, 'environment');
      },
      Literal(node) {
        if (typeof node.value === 'string') judgeText(node, node.value);
      },
      TemplateElement(node) {
        judgeText(node, node.value.raw);
      },
    };
  },
};

function nameOf(key: Node, computed: boolean): string | undefined {
  if (key.type === 'Literal') return String(key.value);
  return key.type === 'Identifier' && !computed ? key.name : undefined;
}

function isLiteral(node: Node, value: boolean): boolean {
  return node.type === 'Literal' && node.value === value;
}

function looksAtNothing({ type, params }: Node): boolean {
  return (type === 'ArrowFunctionExpression' || type === 'FunctionExpression') && params?.length === 0;
}
