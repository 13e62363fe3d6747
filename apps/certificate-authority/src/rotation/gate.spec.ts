import { TRUST_FRESHNESS } from '@holdfast/mtls';
import { readPkiList } from '@holdfast/pki';
import { describe, expect, it } from 'vitest';
import type { AcknowledgementRow, CertificateRow, RotationRow } from '../register/tables.ts';
import { missing } from './gate.ts';

const now = new Date();
const [OLD, NEW] = ['o'.repeat(43), 'n'.repeat(43)];
const rotation: RotationRow = {
  purpose: 'services',
  kind: 'intermediate',
  phase: 1,
  old_issuer: OLD,
  new_issuer: NEW,
  began_at: 0,
  phase_at: 0,
  version: 7,
};
const told = (holder: string, version: number, issuer?: string, ago = 0, instance = 'a'): AcknowledgementRow => ({
  holder,
  instance,
  version,
  certificates: JSON.stringify(issuer === undefined ? [] : [{ name: `${holder}/service`, issuer }]),
  at: now.getTime() - ago,
});
const byHand = (name: string, issuer: string, change: Partial<CertificateRow> = {}): CertificateRow => ({
  serial: name,
  purpose: 'services',
  name,
  subject: '',
  thumbprint: '',
  issuer,
  not_before: 0,
  not_after: now.getTime() + 1_000,
  asked_by: '',
  authenticated: 'operator',
  issued_at: 0,
  revoked_at: null,
  revocation_reason: null,
  ...change,
});
const waits = (
  change: Partial<RotationRow>,
  acknowledgements: readonly AcknowledgementRow[],
  certificates: readonly CertificateRow[] = [],
) =>
  missing({
    rotation: { ...rotation, ...change },
    acknowledgements,
    processes: ['bank'],
    certificates,
    list: readPkiList(),
    now,
  });

describe('a phase waits', () => {
  it('until it is published, whoever has told whatever', () => {
    expect(waits({ version: null }, [told('bank', 9)])).toHaveLength(1);
  });

  it.each([1, 3])('in phase %i for who has told nothing or an older version', (phase) => {
    expect(waits({ phase }, [])).toEqual(['bank has told nothing']);
    expect(waits({ phase }, [told('bank', 6)])).toEqual(['bank works with version 6 and not with 7']);
    expect(waits({ phase }, [told('bank', 7)])).toEqual([]);
  });

  it('for a process that no configuration names, for an hour after it spoke', () => {
    expect(waits({}, [told('bank', 7), told('lab', 6)])).toHaveLength(1);
    expect(waits({}, [told('bank', 7), told('lab', 6, undefined, 60 * 60_000)])).toEqual([]);
    // The configuration's own count for ever.
    expect(waits({}, [told('bank', 6, undefined, 60 * 60_000)])).toHaveLength(1);
  });

  it('for every process of one holder, each by what itself has told', () => {
    const second = (version: number, issuer?: string, ago = 0) => told('bank', version, issuer, ago, 'b');
    const another = 'another process of bank, waited for 60 s after its last word,';
    const behind = [`${another} works with version 6 and not with 7`];
    expect(waits({}, [told('bank', 7), second(6, undefined, 12_000)])).toEqual(behind);
    expect(waits({}, [second(6, undefined, 12_000), told('bank', 7)])).toEqual(behind);
    expect(waits({}, [told('bank', 7), second(7, undefined, 12_000)])).toEqual([]);
    const old = [`${another} holds bank/service under the old intermediate`];
    expect(waits({ phase: 2 }, [told('bank', 7, NEW), second(7, OLD, 1_000)])).toEqual(old);
    expect(waits({ phase: 2 }, [told('bank', 7, NEW), second(7, NEW, 1_000)])).toEqual([]);
  });

  it('for a process that is gone no longer than it could still serve anybody, unless it was the last', () => {
    const { graceMs } = TRUST_FRESHNESS;
    const gone = (ago: number) => told('bank', 6, undefined, ago, 'gone');
    expect(waits({}, [told('bank', 7), gone(graceMs)])).toHaveLength(1);
    expect(waits({}, [told('bank', 7), gone(graceMs + 1)])).toEqual([]);
    expect(waits({}, [gone(graceMs + 1)])).toHaveLength(1);
  });

  it('in phase 2 for a certificate under any other intermediate than the new one', () => {
    expect(waits({ phase: 2 }, [told('bank', 7, OLD)])).toEqual(['bank holds bank/service under the old intermediate']);
    expect(waits({ phase: 2 }, [told('bank', 7, 'x'.repeat(43))])).toHaveLength(1);
    expect(waits({ phase: 2 }, [told('bank', 7, NEW)])).toEqual([]);
    expect(waits({ phase: 2, purpose: 'web' }, [told('bank', 7, OLD)])).toEqual([]);
  });

  it('in phase 1 four seconds for who looks at the files by itself', () => {
    const decided = (ago: number) => waits({ phase_at: now.getTime() - ago }, [told('bank', 7)]);
    expect(decided(3_999)).toEqual(['whoever looks at the files by itself has a moment to do so']);
    expect(decided(4_000)).toEqual([]);
  });

  it('in phase 2 four seconds after the last was issued by hand', () => {
    const issued = (ago: number, change: Partial<CertificateRow> = {}) =>
      waits(
        { phase: 2 },
        [told('bank', 7, NEW)],
        [byHand('edge-proxy/service', NEW, { issued_at: now.getTime() - ago, ...change })],
      );
    expect(issued(3_999)).toEqual(['whoever looks at the files by itself has a moment to do so']);
    expect(issued(4_000)).toEqual([]);
    expect(issued(0, { purpose: 'web' })).toEqual([]);
    expect(issued(0, { authenticated: 'certificate' })).toEqual([]);
  });

  it('in phase 2 for what was issued by hand, unless it is no loss', () => {
    const bank = [told('bank', 7, NEW)];
    const held = (...certificates: CertificateRow[]) => waits({ phase: 2 }, bank, certificates);
    expect(held(byHand('database/server', OLD))).toHaveLength(1);
    expect(held(byHand('database/server', NEW), byHand('database/server', OLD))).toEqual([]);
    expect(held(byHand('database/server', OLD, { not_after: now.getTime() - 1 }))).toEqual([]);
    expect(held(byHand('database/server', OLD, { revoked_at: 1 }))).toEqual([]);
    expect(held(byHand('database/server', OLD, { purpose: 'web' }))).toEqual([]);
    expect(held(byHand('database/server', OLD, { authenticated: 'certificate' }))).toEqual([]);
  });

  it('for nothing at the end', () => {
    expect(waits({ phase: 4 }, [])).toEqual([]);
  });
});
