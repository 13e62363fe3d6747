import { describe, expect, it } from 'vitest';
import { ALL_PROBES } from './all-probes.ts';
import { linesNamed, readRequirementList } from './requirement-list.ts';

const LINES = readRequirementList().flatMap(({ lines }) => lines);

describe('the probes', () => {
  it('leave out no line that can be asked for from outside', () => {
    const asked = new Set(ALL_PROBES.map(({ line }) => line));
    const forgotten = LINES.filter(({ id, how, proven }) => how === 'live' && proven && !asked.has(id));
    expect(forgotten.map(({ id }) => id)).toEqual([]);
  });

  it('ask for no line twice, and for none that cannot be asked for', () => {
    const live = new Set(LINES.filter(({ how }) => how === 'live').map(({ id }) => id));
    const asked = ALL_PROBES.map(({ line }) => line);
    expect(asked.filter((line) => !live.has(line))).toEqual([]);
    expect(asked.filter((line, place) => asked.indexOf(line) !== place)).toEqual([]);
  });

  it('say what they expect', () => {
    for (const { line, expected } of ALL_PROBES) expect(expected, line).not.toBe('');
  });
});

describe('a part of the list', () => {
  const sections = readRequirementList();

  it('is not found under a name nobody has', () => {
    expect(() => linesNamed(sections, ['PAR-99'])).toThrow(/PAR-99/);
    expect(() => linesNamed(sections, ['nothing'])).toThrow(/NOTHING/);
  });

  it('is named by lines and by sections, in the order of the list', () => {
    const part = linesNamed(sections, ['tok-01', 'PAR-02', 'CIBA']);
    expect(part.map(({ prefix }) => prefix)).toEqual(['PAR', 'TOK', 'CIBA']);
    expect(part[0]?.lines.map(({ id }) => id)).toEqual(['PAR-02']);
    expect(linesNamed(sections, [])).toBe(sections);
  });
});
