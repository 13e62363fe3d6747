import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { ensurePki } from './ensure-pki.ts';
import { readPkiList } from './pki-list.ts';
import { statusTable } from './status.ts';

const DAY = 86_400_000;
const NOW = new Date();
const home = mkdtempSync(join(tmpdir(), 'holdfast-status-'));
afterAll(() => rmSync(home, { recursive: true }));

function rowOf(name: string, now = NOW): string {
  const rows = stripVTControlCharacters(statusTable(home, now)).split('\n');
  return rows.find((row) => row.startsWith(`${name} `)) ?? 'no such row';
}

describe('the table of certificates', () => {
  it('names what is missing before anything is made', () => {
    expect(rowOf('bank/api')).toMatch(/missing$/);
  });

  it('tells ended, unreadable, early and sound certificates apart', () => {
    // As if no process enrolled, so that something lies under every name.
    const list = readPkiList();
    const byHand = Object.entries(list.leaves).map(([name, leaf]) => [name, { ...leaf, enrols: false }] as const);
    ensurePki({ home, now: NOW, list: { ...list, leaves: Object.fromEntries(byHand) } });
    writeFileSync(join(home, 'pki/fintech/web.crt'), 'nonsense');
    expect(rowOf('fintech/web')).toMatch(/unreadable$/);
    expect(rowOf('bank/api', new Date(NOW.getTime() + 8 * DAY))).toMatch(/ {2}ended {2}/);
    expect(rowOf('bank/api', new Date(NOW.getTime() - DAY))).toMatch(/not valid yet/);
    expect(rowOf('lab/expired')).toMatch(/ended \(on purpose\)/);
    expect(rowOf('bank/api', new Date(NOW.getTime() + 6 * DAY))).toMatch(/23 hours|24 hours/);
    expect(rowOf('bank/api')).toMatch(/6 days {2} +\d{4}-\d\d-\d\dT\d\d:\d\dZ {2}[\w-]{43}$/);
    expect(rowOf('offline/web/root')).toMatch(/36\d\d days/);
  });
});
