import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { workspaceRoot } from '../workspace.ts';
import { FLOORS, measure } from './measures.ts';
import { readSources } from './workspace-sources.ts';

const parsed = (text: string) => ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true);

describe('the engine', () => {
  const { functionLinesP90, clausesPerThousandLines, lines } = measure(
    readSources(workspaceRoot).engine.map((source) => source.parsed),
  );

  it('is what is measured', () => {
    expect(lines).toBeGreaterThan(2_000);
  });

  it(`has nine of ten functions within ${FLOORS.functionLines} lines`, () => {
    expect(functionLinesP90).toBeLessThanOrEqual(FLOORS.functionLines);
  });

  it(`names its clauses, ${FLOORS.clausesPerThousandLines} times per thousand lines at least`, () => {
    expect(clausesPerThousandLines).toBeGreaterThanOrEqual(FLOORS.clausesPerThousandLines);
  });
});

describe('a measure', () => {
  it('counts a function from its first to its last line, whatever kind it is', () => {
    const long = `function f() {\n${'  g();\n'.repeat(98)}}\n`;
    expect(measure([parsed(long)]).functionLinesP90).toBe(100);
    expect(measure([parsed(long.replace('function f()', 'const f = () =>'))]).functionLinesP90).toBe(100);
    expect(measure([parsed(`class C { ${long.replace('function ', '')} }`)]).functionLinesP90).toBe(100);
    expect(measure([parsed(`${'function a() {}\n'.repeat(9)}${long}`)]).functionLinesP90).toBe(1);
    expect(measure([parsed(`${'function a() {}\n'.repeat(8)}${long}${long}`)]).functionLinesP90).toBe(100);
  });

  it('counts clauses in comments and not in texts', () => {
    const text = `// RFC6749-5.2, RFC6749-5.1.\nconst a = 'RFC6749-5.2';\n/** OIDC-CORE-2 */\nconst b = 1;\n`;
    expect(measure([parsed(text)]).clausesPerThousandLines).toBe(750);
  });
});
