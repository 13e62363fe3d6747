import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensurePki } from './ensure-pki.ts';
import { intermediatePath } from './home-layout.ts';
import { makeSuccessor } from './successor.ts';

const YEAR = 365 * 86_400_000;
const NOW = new Date();
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-successor-'));
  ensurePki({ home, now: NOW });
});
afterEach(() => rmSync(home, { recursive: true }));

const made = (): string => readFileSync(`${intermediatePath(home, 'web', 'next')}.crt`, 'utf8');
const make = (kind: 'root' | 'intermediate', now = NOW): string => {
  makeSuccessor({ home, purpose: 'web', kind, now });
  return made();
};

describe('the intermediate that is to follow', () => {
  it('is kept when it was made before, and made anew when another kind is asked for', () => {
    const first = make('intermediate');
    expect(make('intermediate')).toBe(first);
    expect(make('root')).not.toBe(first);
  });

  it('is made anew when it has ended while it lay there', () => {
    const first = make('intermediate');
    expect(make('intermediate', new Date(NOW.getTime() + 3.5 * YEAR))).not.toBe(first);
  });
});
