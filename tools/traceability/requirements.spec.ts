import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { workspaceRoot } from '../workspace.ts';
import { linesOf, readRequirements } from './requirements.ts';

const folder = mkdtempSync(join(tmpdir(), 'requirements-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const line = (id: string, more = '') =>
  `      - { id: ${id}, text: It is so., clauses: [RFC9126-2], by: [bank], how: live${more} }\n`;

function read(lines: string, pending = '[]') {
  const file = join(folder, 'list.yaml');
  writeFileSync(file, `sections:\n  - prefix: PAR\n    title: Requests\n    lines:\n${lines}pending: ${pending}\n`);
  return readRequirements(file);
}

describe('a list of requirements is refused', () => {
  it.each([
    ['two lines of one name', line('PAR-01') + line('PAR-01'), '[]', /two lines are called PAR-01/],
    ['a line of another section', line('TOK-01'), '[]', /TOK-01 stands under PAR/],
    ['an id in another grammar', line('PAR-1'), '[]', /is a section and two digits/],
    ['a clause nobody knows', line('PAR-01').replace('9126-2', '9126-x'), '[]', /RFC9126-x is no clause we know/],
    ['half a sentence', line('PAR-01').replace('It is so.', 'it is'), '[]', /is one sentence/],
    ['a member nobody knows', line('PAR-01', ', note: x'), '[]', /note/],
    ['a kind of proof nobody knows', line('PAR-01').replace('live', 'hope'), '[]', /how/],
    ['something pending that is no line', line('PAR-01'), '[PAR-02]', /PAR-02 is pending and is no line/],
    ['something pending twice', line('PAR-01'), '[PAR-01, PAR-01]', /PAR-01 is pending twice/],
  ])('with %s', (_, lines, pending, message) => {
    expect(() => read(lines, pending)).toThrow(message);
  });
});

describe('the list of this repository', () => {
  it('is read, and holds its eleven sections', () => {
    const requirements = readRequirements(join(workspaceRoot, 'docs/requirements.yaml'));
    expect(requirements.sections).toHaveLength(11);
    expect(linesOf(requirements).length).toBeGreaterThan(200);
  });
});
