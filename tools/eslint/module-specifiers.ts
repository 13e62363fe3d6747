import type { Rule } from 'eslint';

/** What the listener is told of each place that names another module. */
export interface NamedModule {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly node: Rule.Node;
}

/** The parts of the TypeScript syntax tree that ESLint's own types do not know. */
interface Named {
  readonly type: string;
  readonly source?: { readonly type: string; readonly value?: unknown } | null;
  readonly importKind?: 'type' | 'value';
  readonly exportKind?: 'type' | 'value';
  readonly expression?: { readonly value?: unknown };
}

/**
 * Listens to every way of naming a module with a literal: import, re-export, `import()`, `import('…').Type`,
 * `import x = require('…')`, `require('…')` and the mocks of the test runner, which load what they name.
 */
export function onNamedModule(tell: (named: NamedModule) => void): Rule.RuleListener {
  const bySource = (node: Rule.Node): void => {
    const { source, importKind, exportKind } = node as Named;
    if (typeof source?.value !== 'string') return;
    tell({ specifier: source.value, typeOnly: importKind === 'type' || exportKind === 'type', node });
  };
  return {
    ImportDeclaration: bySource,
    ExportNamedDeclaration: bySource,
    ExportAllDeclaration: bySource,
    ImportExpression: bySource,
    TSImportType(node: Rule.Node) {
      const { source } = node as Named;
      if (typeof source?.value === 'string') tell({ specifier: source.value, typeOnly: true, node });
    },
    TSExternalModuleReference(node: Rule.Node) {
      const { expression } = node as Named;
      if (typeof expression?.value === 'string') tell({ specifier: expression.value, typeOnly: false, node });
    },
    CallExpression(node) {
      const [first] = node.arguments;
      if (first?.type !== 'Literal' || typeof first.value !== 'string' || !loadsModule(node.callee)) return;
      tell({ specifier: first.value, typeOnly: false, node });
    },
  };
}

function loadsModule(callee: Extract<Rule.Node, { type: 'CallExpression' }>['callee']): boolean {
  if (callee.type === 'Identifier') return callee.name === 'require';
  if (callee.type !== 'MemberExpression' || callee.object.type !== 'Identifier') return false;
  const method = callee.property.type === 'Identifier' ? callee.property.name : '';
  if (callee.object.name === 'require') return method === 'resolve';
  return callee.object.name === 'vi' && ['mock', 'doMock', 'importActual', 'importMock'].includes(method);
}
