import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { MtlsConfigError, thumbprint } from '@holdfast/mtls';
import { ensurePki, intermediatePath, makeSuccessor, nextRootFile, readPkiList } from '@holdfast/pki';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RotationRow } from '../register/tables.ts';
import { IssuingKeys } from './issuing-keys.ts';

const now = new Date();
const list = { ...readPkiList(), leaves: {}, clientKeys: {}, secrets: [] };
const whole = mkdtempSync(join(tmpdir(), 'holdfast-keys-'));
let home: string;
let rotation: RotationRow;

const thumbprintAt = (path: string): string => thumbprint(new X509Certificate(readFileSync(`${path}.crt`)).raw);
const path = (which?: 'next' | 'previous'): string => intermediatePath(home, 'services', which);
const at = (phase: number): RotationRow => ({ ...rotation, phase });
const arranged = (phase: number): IssuingKeys => {
  const keys = new IssuingKeys(home);
  keys.arrange([at(phase)], now);
  return keys;
};
const names = (keys: IssuingKeys): string[] => keys.trusted('services').map((one) => one.thumbprint);

beforeAll(() => {
  ensurePki({ home: whole, now, list });
  makeSuccessor({ home: whole, purpose: 'services', kind: 'intermediate', now, list });
});
afterAll(() => rmSync(whole, { recursive: true }));
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-keys-'));
  cpSync(whole, home, { recursive: true });
  const [old_issuer, new_issuer] = [thumbprintAt(path()), thumbprintAt(path('next'))];
  const rest = { kind: 'intermediate', began_at: 0, phase_at: 0, version: null } as const;
  rotation = { purpose: 'services', phase: 1, old_issuer, new_issuer, ...rest };
});
afterEach(() => rmSync(home, { recursive: true }));

describe('the issuing keys', () => {
  it('are those of the phase, the one that issues first', () => {
    const { old_issuer: before, new_issuer: after } = rotation;
    expect([1, 2, 3, 4].map((phase) => names(arranged(phase)))).toEqual([
      [before, after],
      [after, before],
      [after],
      [after],
    ]);
    expect([existsSync(path('previous')), existsSync(dirname(path('next')))]).toEqual([false, false]);
  });

  it('are not announced when the next ones are missing, and the process says so', () => {
    rmSync(dirname(path('next')), { recursive: true });
    expect(() => arranged(1)).toThrow(MtlsConfigError);
    expect(() => arranged(2)).toThrow(MtlsConfigError);
  });
});

/** What a kill leaves behind: files in the order in which they are written, as far as it got. */
const KILLS: readonly [string, () => void][] = [
  ['before anything was moved', () => {}],
  ['after the key of the old one was copied', () => copy(path(), path('previous'), ['key'])],
  ['after the old one was copied', () => copy(path(), path('previous'), ['key', 'crt'])],
  [
    'after the key of the new one was put in its place',
    () => {
      copy(path(), path('previous'), ['key', 'crt']);
      copy(path('next'), path(), ['key']);
    },
  ],
  [
    'after the new one was put in its place',
    () => {
      copy(path(), path('previous'), ['key', 'crt']);
      copy(path('next'), path(), ['key', 'crt']);
    },
  ],
  [
    'while what was copied is removed',
    () => {
      copy(path(), path('previous'), ['key', 'crt']);
      copy(path('next'), path(), ['key', 'crt']);
      rmSync(`${path('next')}.crt`);
      rmSync(nextRootFile(home, 'services'));
    },
  ],
];

function copy(from: string, to: string, ends: readonly string[]): void {
  for (const end of ends) cpSync(`${from}.${end}`, `${to}.${end}`);
}

describe('a swap of the keys that is killed', () => {
  it.each(KILLS)('%s is completed by the next start', (_, kill) => {
    const { old_issuer: before, new_issuer: after } = rotation;
    kill();
    // The commands that issue by hand may come first, and must find one of the two whole.
    ensurePki({ home, now, list });
    expect([before, after]).toContain(thumbprintAt(path()));
    expect(names(arranged(2))).toEqual([after, before]);
    expect(existsSync(dirname(path('next')))).toBe(false);
    expect(names(arranged(4))).toEqual([after]);
  });

  it('while the old key is destroyed is completed by the next start', () => {
    arranged(3);
    writeFileSync(`${path('previous')}.key`, Buffer.alloc(100));
    expect(names(arranged(4))).toEqual([rotation.new_issuer]);
    expect(existsSync(dirname(path('previous')))).toBe(false);
  });

  it('is no way back once the old key is destroyed', () => {
    for (const phase of [2, 3, 4]) arranged(phase);
    expect(() => arranged(2)).toThrow(MtlsConfigError);
  });
});
