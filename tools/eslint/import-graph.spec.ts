import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importsOf, pathTo } from './import-graph.ts';

let folder: string;
const file = (name: string) => join(folder, name);
const endsAt = (name: string) => (each: string) => each === file(name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-import-graph-'));
  writeFileSync(file('a.ts'), `import { b } from './b.ts';\nimport type { C } from './c.ts';`);
  writeFileSync(file('b.ts'), `export * from './d.ts';`);
  writeFileSync(file('c.ts'), `export type C = string;`);
  writeFileSync(file('d.ts'), `import { a } from './a.ts';`);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('import graph', () => {
  it('tells an import of types from one of values', () => {
    expect(importsOf(file('a.ts'))).toEqual([
      { specifier: './b.ts', typeOnly: false },
      { specifier: './c.ts', typeOnly: true },
    ]);
  });

  it('finds a circle through a re-export, and survives it', () => {
    expect(pathTo(file('b.ts'), endsAt('a.ts'), { types: false })).toEqual([file('b.ts'), file('d.ts'), file('a.ts')]);
    expect(pathTo(file('a.ts'), endsAt('nowhere.ts'), { types: true })).toBeUndefined();
  });

  it('follows types only when asked to', () => {
    expect(pathTo(file('a.ts'), endsAt('c.ts'), { types: false })).toBeUndefined();
    expect(pathTo(file('a.ts'), endsAt('c.ts'), { types: true })).toEqual([file('a.ts'), file('c.ts')]);
  });

  it('knows no imports of a file that is not there', () => {
    expect(importsOf(file('gone.ts'))).toEqual([]);
  });
});
