import { describe, expect, it } from 'vitest';
import { readFuzzOptions } from './options.ts';

describe('what npm run fuzz is told', () => {
  it.each([
    [['--foo'], 'Unknown option'],
    [['--minutes', 'long'], 'is not a number'],
    [['--minutes', '0'], 'is not a number'],
    [['--minutes', ''], 'is not a number'],
    [['--seed', '1.5'], 'is not a number'],
    [['--seed=-7'], 'is not a number'],
    [['--only', 'der', '--seed', '1', '--path', '1::2'], 'is not the path of a case'],
    [['--path', '1:2'], 'from a seed to a case'],
    [['--path', '1:2', '--seed', '1'], 'of one property'],
    [['der'], 'der'],
  ])('refuses %j', (args, words) => {
    expect(() => readFuzzOptions(args)).toThrow(words);
  });

  it('understands the rest', () => {
    const args = ['--minutes', '0.5', '--only', 'der', '--seed', '7', '--path', '12:0:3'];
    expect(readFuzzOptions(args)).toEqual({ minutes: 0.5, only: 'der', seed: 7, path: '12:0:3', help: false });
  });

  it('starts anywhere when it is told nothing, and never twice at the same place', () => {
    const [one, other] = [readFuzzOptions([]), readFuzzOptions([])];
    expect(one).toMatchObject({ minutes: 5, help: false });
    expect(one.seed).not.toBe(other.seed);
  });
});
