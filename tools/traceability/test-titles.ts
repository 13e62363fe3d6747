import ts from 'typescript';

/** A test as its file declares it. */
export interface DeclaredTest {
  /** With the titles of the groups around it. Values that only a run knows are an ellipsis. */
  readonly title: string;
  /** The same title once for each row of `it.each`, where the rows are written in the file. */
  readonly rows: readonly string[];
}

const GROUPS = new Set(['describe', 'suite']);
const TESTS = new Set(['it', 'test']);
/** A test that does not run proves nothing. */
const IDLE = new Set(['skip', 'todo']);
/** Calls that return what declares the test. */
const MAKERS = new Set(['each', 'for', 'skipIf', 'runIf']);

interface Call {
  readonly kind: 'group' | 'test';
  readonly title: ts.Expression | undefined;
  /** The rows of `.each`. */
  readonly each: ts.Expression | undefined;
}

/** The tests of a source file, with their full titles, in order. Tests that are skipped are left out. */
export function testsIn(source: ts.SourceFile): readonly DeclaredTest[] {
  const tests: DeclaredTest[] = [];
  const visit = (node: ts.Node, groups: readonly string[]): void => {
    const call = ts.isCallExpression(node) ? readCall(node) : undefined;
    if (call === 'idle') return;
    if (call?.kind === 'test') {
      tests.push(declared(call, groups, source));
      return;
    }
    const inside = call === undefined ? groups : [...groups, templateOf(call.title)];
    ts.forEachChild(node, (child) => visit(child, inside));
  };
  visit(source, []);
  return tests;
}

/** The titles in a table of tests that another file runs: every text in it that carries a mark. */
export function titlesInTable(source: ts.SourceFile): readonly string[] {
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) && / \[[A-Z]/.test(templateOf(node)))
      titles.push(templateOf(node));
    else ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

/** `it(…)`, `describe.each(rows)(…)`, `it.skipIf(x)(…)`; undefined for any other call. */
function readCall(node: ts.CallExpression): Call | 'idle' | undefined {
  // `it.each(rows)` alone makes a table and declares nothing.
  if (ts.isPropertyAccessExpression(node.expression) && MAKERS.has(node.expression.name.text)) return undefined;
  let { expression } = node;
  let each: ts.Expression | undefined;
  const words: string[] = [];
  while (!ts.isIdentifier(expression)) {
    if (ts.isPropertyAccessExpression(expression)) words.push(expression.name.text);
    else if (!ts.isCallExpression(expression)) return undefined;
    else if (ts.isPropertyAccessExpression(expression.expression) && expression.expression.name.text === 'each')
      each = expression.arguments[0];
    expression = expression.expression;
  }
  const kind = GROUPS.has(expression.text) ? 'group' : TESTS.has(expression.text) ? 'test' : undefined;
  if (kind === undefined) return undefined;
  return words.some((word) => IDLE.has(word)) ? 'idle' : { kind, title: node.arguments[0], each };
}

function declared({ title, each }: Call, groups: readonly string[], source: ts.SourceFile): DeclaredTest {
  const own = templateOf(title);
  const full = (text: string): string =>
    [...groups, text]
      .map(withoutPlaceholders)
      .filter((part) => part !== '…' && part !== '')
      .join(' › ');
  const rows = each === undefined ? [] : rowsOf(each, source).map((row) => full(filledIn(own, row)));
  return { title: full(own), rows };
}

/** A title as written, with an ellipsis for what is computed. */
function templateOf(title: ts.Expression | undefined): string {
  if (title === undefined) return '';
  if (ts.isStringLiteralLike(title)) return title.text;
  if (ts.isTemplateExpression(title))
    return title.head.text + title.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
  if (ts.isBinaryExpression(title)) return templateOf(title.left) + templateOf(title.right);
  return '…';
}

type Row = { readonly cells: readonly string[]; readonly members: ReadonlyMap<string, string> };

/** The rows of a table that is written in this file; none when it is computed. */
function rowsOf(each: ts.Expression, source: ts.SourceFile): readonly Row[] {
  const table = bare(ts.isIdentifier(each) ? initializerOf(each.text, source) : each);
  if (table === undefined || !ts.isArrayLiteralExpression(table)) return [];
  return table.elements.map(rowOf);
}

function rowOf(element: ts.Expression): Row {
  const row = bare(element) ?? element;
  if (ts.isArrayLiteralExpression(row)) return { cells: row.elements.map(textOf), members: new Map() };
  if (!ts.isObjectLiteralExpression(row)) return { cells: [textOf(row)], members: new Map() };
  const members = row.properties.flatMap((property): [string, string][] =>
    ts.isPropertyAssignment(property) && ts.isIdentifier(property.name)
      ? [[property.name.text, textOf(property.initializer)]]
      : [],
  );
  return { cells: ['…'], members: new Map(members) };
}

/** Without `as const`, `satisfies` and parentheses. */
function bare(expression: ts.Expression | undefined): ts.Expression | undefined {
  let inner = expression;
  while (
    inner !== undefined &&
    (ts.isAsExpression(inner) || ts.isSatisfiesExpression(inner) || ts.isParenthesizedExpression(inner))
  )
    inner = inner.expression;
  return inner;
}

function initializerOf(name: string, source: ts.SourceFile): ts.Expression | undefined {
  let found: ts.Expression | undefined;
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.name.text === name)
      found ??= node.initializer;
    if (found === undefined) ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function textOf(expression: ts.Expression): string {
  if (ts.isStringLiteralLike(expression) || ts.isNumericLiteral(expression)) return expression.text;
  return ts.isTemplateExpression(expression) ? templateOf(expression) : '…';
}

const PLACEHOLDER = /%[sdijfo#]|\$[a-z]\w*/gi;

function filledIn(template: string, { cells, members }: Row): string {
  let next = 0;
  return template.replace(PLACEHOLDER, (mark) =>
    mark.startsWith('$') ? (members.get(mark.slice(1)) ?? '…') : (cells[next++] ?? '…'),
  );
}

const withoutPlaceholders = (text: string): string => text.replace(PLACEHOLDER, '…');
