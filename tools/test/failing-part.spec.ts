import { describe, expect, it } from 'vitest';
import { failingPart } from './failing-part.ts';

const run = `
> nx run mtls:lint

> eslint .

> nx run lab:lint

> eslint .

  1:1  error  a mistake

 NX   Running target lint for 2 projects failed

Failed tasks:

- lab:lint
`;

describe('the part of a failed run that is shown', () => {
  it('leaves out the tasks that passed', () => {
    expect(
      failingPart(run)
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual(['> nx run lab:lint', '> eslint .', '1:1  error  a mistake']);
  });

  it('has the lines of tasks that streamed beside each other', () => {
    const streamed = `
> nx run lab:e2e

> nx run lab:e2e-apart

lab: RUN v5
lab: AssertionError

 NX   Running targets e2e, e2e-apart failed

Failed tasks:

- lab:e2e
`;
    expect(failingPart(streamed)).toContain('lab: AssertionError');
  });

  it('is everything when no task is named', () => {
    expect(failingPart('\u001b[31mbroken\u001b[39m\n')).toBe('    broken');
  });
});
