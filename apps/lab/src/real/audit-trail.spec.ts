import { appendFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../wire/secret.ts';
import type { AuditTrail } from './audit-trail.ts';
import { auditTrail } from './audit-trail.ts';

const line = (facts: object): string => `${JSON.stringify({ action: 'x', outcome: 'refused', ...facts })}\n`;

describe('the audit trail', () => {
  let file: string;
  let trail: AuditTrail;
  beforeEach(() => {
    const folder = mkdtempSync(join(tmpdir(), 'lab-audit-'));
    file = join(folder, 'bank.jsonl');
    writeFileSync(file, line({ reason: 'old' }));
    trail = auditTrail(folder);
  });

  it('finds no event that was there before, and none where there is no trail', async () => {
    expect(await trail.find(await trail.mark(), ({ reason }) => reason === 'old')).toBeUndefined();
    expect((await auditTrail('/no/such/folder').mark()).size).toBe(0);
  });

  it('finds a new event, also one that is written a moment later', async () => {
    const mark = await trail.mark();
    const soon = trail.find(mark, ({ reason }) => reason === 'new');
    setTimeout(() => appendFileSync(file, line({ reason: 'new', evidence: { expectedThumbprint: 't' } })), 60);
    expect(await soon).toMatchObject({ reason: 'new', expectedThumbprint: 't', by: 'bank' });
  });

  it('reads all of a file that was replaced', async () => {
    appendFileSync(file, line({ reason: 'a long line that will be gone after the file was replaced' }));
    const mark = await trail.mark();
    writeFileSync(file, line({ reason: 'new' }));
    expect(await trail.find(mark, ({ reason }) => reason === 'new')).toBeDefined();
  });

  it('names the file that holds a secret, or the end of one', async () => {
    const token = new Secret(`${'h'.repeat(40)}.${'s'.repeat(40)}`);
    const mark = await trail.mark();
    appendFileSync(file, line({ evidence: { token: 'hhhhhhhh…' } }));
    expect(await trail.leakSince(mark, [token])).toBeUndefined();
    appendFileSync(file, line({ evidence: { end: 's'.repeat(36) } }));
    expect(await trail.leakSince(mark, [token])).toBe('bank.jsonl');
  });
});
