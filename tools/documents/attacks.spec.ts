import { globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { workspaceRoot } from '../workspace.ts';

const PAGE = 'docs/attacks.md';

/** Every attack of the five groups. */
const ATTACKS: readonly string[] = [
  ...['01', '02', '03', '04', '05', '06', '07', '09', '12', '13', '14', '15', '16', '19', '21', '22', '23'].map(
    (n) => `C${n}`,
  ),
  ...['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12', '13', '14', '15'].map((n) => `A${n}`),
  ...['17', '18', '19', '20', '21', '23', '24'].map((n) => `A${n}`),
  ...['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12'].map((n) => `T${n}`),
  ...['14', '15', '16', '17', '19', '20', '22', '23'].map((n) => `T${n}`),
  ...['01', '02', '03', '04', '05', '06', '07', '08', '09', '16', '17', '18', '19'].map((n) => `P${n}`),
  ...['21', '23', '24', '25', '26', '29', '30'].map((n) => `P${n}`),
  ...['01', '02', '03', '04', '06', '08', '09', '10', '11', '12', '15'].map((n) => `G${n}`),
];

interface Row {
  readonly id: string;
  readonly cards: readonly string[];
  readonly specs: readonly { readonly file: string; readonly title: string }[];
  readonly observed: string;
}

const rows = readFileSync(join(workspaceRoot, PAGE), 'utf8')
  .split('\n')
  .filter((line) => /^\| [CATPG]\d\d /.test(line))
  .map(readRow);

describe('the page of attacks', () => {
  it('has a row for every attack, once, and says where and what', () => {
    expect(rows.map(({ id }) => id).toSorted()).toEqual(ATTACKS.toSorted());
    for (const { id, cards, specs, observed } of rows) {
      expect(cards.length + specs.length, `${id} is tried nowhere`).toBeGreaterThan(0);
      expect(observed, id).toMatch(/\w/);
    }
  });

  it('names cards that the lab plays, and leaves none out', () => {
    const played = readdirSync(join(workspaceRoot, 'apps/lab/src/attacks')).flatMap((name) => {
      const [, id] = /^\s+id: '([A-Z]\d\d)',$/m.exec(textOf(`apps/lab/src/attacks/${name}`)) ?? [];
      return id === undefined ? [] : [id];
    });
    const catalogue = textOf('apps/lab/src/attacks/catalogue.ts').match(/^ {2}\w+,$/gm) ?? [];
    expect(catalogue).toHaveLength(played.length);
    expect(rows.flatMap(({ cards }) => cards).filter((card) => !played.includes(card))).toEqual([]);
    for (const id of played) expect(rows.find((row) => row.id === id)?.cards, id).toContain(id);
  });

  it('quotes specifications to the letter', () => {
    for (const { id, specs } of rows)
      for (const { file, title } of specs) {
        const text = textOf(file).replaceAll("\\'", "'");
        expect(text.includes(title), `${id}: “${title}” is not in ${file}`).toBe(true);
      }
  });

  it('leaves out no suite that names its attack', () => {
    const suites = ['apps/e2e/src/attacks', 'tools/attacks'].flatMap((folder) =>
      globSync(`${folder}/*.spec.ts`, { cwd: workspaceRoot }),
    );
    for (const suite of suites) {
      for (const [, id = ''] of textOf(suite).matchAll(/\('([CATPG]\d\d), /g)) {
        const files = rows.find((row) => row.id === id)?.specs.map(({ file }) => file);
        expect(files, `${id} in ${suite}`).toContain(suite);
      }
    }
  });
});

function readRow(line: string): Row {
  const [, id = '', , where = '', observed = ''] = line.split('|').map((cell) => cell.trim());
  const links = [...where.matchAll(/\]\(([^)]+)\) “([^”]+)”/g)];
  return {
    id,
    cards: [...where.matchAll(/\blab ([A-Z]\d\d)\b/g)].map(([, card = '']) => card),
    specs: links.map(([, link = '', title = '']) => ({ file: join(dirname(PAGE), link), title })),
    observed,
  };
}

function textOf(file: string): string {
  return readFileSync(join(workspaceRoot, file), 'utf8');
}
