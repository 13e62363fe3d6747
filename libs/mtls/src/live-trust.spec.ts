import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MtlsConfigError } from './config-error.ts';
import { liveTrust, loadLiveTrust } from './live-trust.ts';
import type { LiveTrust } from './live-trust.ts';
import { throwAwayPki } from './testing/index.ts';
import { TRUST_FRESHNESS } from './trust-freshness.ts';
import type { PurposeState, TrustPurpose, TrustState } from './trust-state.ts';

const NOW = new Date('2027-03-01T12:00:00Z');
const at = (ms: number): Date => new Date(NOW.getTime() + ms);
const pki = throwAwayPki({ now: NOW });
const [victim, other] = [pki.mint(), pki.mint()];
const peer = pki.peer(victim);
const change = (state: TrustState, purpose: TrustPurpose, part: Partial<PurposeState>): TrustState => ({
  ...state,
  purposes: { ...state.purposes, [purpose]: { ...state.purposes[purpose], ...part } },
});

/** Everything that could be seen to change. */
const seen = (live: LiveTrust) => ({
  version: live.version,
  confirmedAt: live.confirmedAt,
  participants: live.of('participants').trust.current(),
  web: live.of('web').trust.current(),
  revocations: live.of('participants').revocations.version,
  status: live.of('participants').revocations.statusOf(peer, NOW),
});

describe('a state of the authority is refused whole, and nothing changes,', () => {
  const rogue = pki.rogue('web');
  const next = pki.state({ version: 3, revoked: [victim] });
  const dered = Buffer.from(pki.web.root.certificate.raw).toString('latin1');
  it.each<[string, TrustState, RegExp]>([
    ['with an empty bundle', change(next, 'web', { authorities: '' }), /web.pem is empty/],
    ['with DER for PEM', change(next, 'web', { authorities: dered }), /not PEM/],
    ['with a truncated bundle', change(next, 'web', { authorities: pki.web.trust.pem.slice(0, -40) }), /cut short/],
    ['with a leaf', change(next, 'web', { authorities: pki.web.trust.pem + String(victim.certificate) }), /not a cert/],
    [
      'with an authority of a trusted name that no root here signed',
      change(next, 'web', { authorities: pki.web.trust.pem + String(rogue.intermediate.certificate) }),
      /forged/,
    ],
    [
      'with authorities whose lists are not theirs',
      change(next, 'web', { authorities: rogue.trust.pem }),
      /not signed/,
    ],
    ['without lists', change(next, 'services', { revocationLists: '' }), /no certificate revocation list/],
    [
      'without the list of one of two intermediates',
      change(pki.state({ version: 3, authorities: { web: [pki.web, rogue] } }), 'web', {
        revocationLists: next.purposes.web.revocationLists,
      }),
      /0 revocation lists/,
    ],
    ['with an older list number', pki.state({ version: 3, number: 1 }), /older/],
    ['with an older time of its list', pki.state({ version: 3, thisUpdate: at(-1_000) }), /older/],
    ['with a version that goes back', pki.state({ version: 1, revoked: [victim] }), /goes back/],
    ['with a version that is no number', { ...next, version: Number.NaN }, /goes back/],
  ])('%s [RFC5280-6.3]', (_, state, message) => {
    const live = liveTrust(pki.state({ version: 2 }), 'authority', NOW);
    live.confirm(NOW);
    const before = seen(live);
    let told = 0;
    for (const purpose of ['web', 'participants', 'services'] as const) {
      live.of(purpose).trust.onChange(() => (told += 1));
      live.of(purpose).revocations.onChange(() => (told += 1));
    }
    expect(() => live.apply(state, at(1_000))).toThrow(message);
    expect(() => live.apply(state, at(1_000))).toThrow(MtlsConfigError);
    expect(seen(live)).toEqual(before);
    expect(told).toBe(0);
    live.apply(next, at(1_000));
    expect(seen(live)).toMatchObject({ version: 3, status: 'revoked', confirmedAt: at(1_000) });
  });

  it('when an authority that had left comes back with the list it had before its last one', () => {
    const second = pki.rogue();
    const both = { participants: [pki.participants, second] };
    const live = liveTrust(pki.state({ version: 1, authorities: both }), 'authority', NOW);
    live.apply(pki.state({ version: 2, authorities: both, revoked: [victim] }), NOW);
    live.apply(pki.state({ version: 3, authorities: { participants: [second] } }), NOW);
    expect(() => live.apply(pki.state({ version: 4, number: 1, authorities: both }), NOW)).toThrow(/older/);
  });
});

describe('a state of the authority', () => {
  it('is in force as a whole when the first listener hears of it, and only what changed is told', () => {
    const first = pki.state();
    const live = liveTrust(first, 'authority', NOW);
    const told: string[] = [];
    const web = pki.rogue('web');
    live.of('participants').revocations.onChange(() => told.push('participants revocations'));
    live.of('participants').trust.onChange(() => told.push('participants trust'));
    live.of('services').revocations.onChange(() => told.push('services revocations'));
    live
      .of('web')
      .trust.onChange(() => told.push(`web trust ${live.of('participants').revocations.statusOf(peer, NOW)}`));
    const state = pki.state({ version: 2, revoked: [victim], authorities: { web: [web, pki.web] } });
    live.apply(change(state, 'services', first.purposes.services), NOW);
    // The lists of the services are the same text as before: nobody has to look again.
    expect(told.toSorted()).toEqual(['participants revocations', 'web trust revoked']);
    expect(live.of('web').issuer).toBe(pki.state({ authorities: { web: [web] } }).purposes.web.issuer);
  });

  it('is told to everybody, whoever stumbles over it, and then the stumble comes out', () => {
    const live = liveTrust(pki.state(), 'authority', NOW);
    const told: string[] = [];
    live.of('participants').revocations.onChange(() => {
      throw new Error('a trail that is full');
    });
    live.of('participants').revocations.onChange(() => told.push('the next door'));
    live.of('services').revocations.onChange(() => told.push('another purpose'));
    expect(() => live.apply(pki.state({ version: 2, revoked: [victim] }), NOW)).toThrow(/could not follow/);
    expect(told).toEqual(['the next door', 'another purpose']);
    expect(seen(live)).toMatchObject({ version: 2, status: 'revoked' });
  });

  it('of the version in force changes nothing and counts as a sign of life', () => {
    const live = liveTrust(pki.state({ version: 2 }), 'authority', NOW);
    live.apply(pki.state({ version: 2, revoked: [victim] }), at(500));
    expect(seen(live)).toMatchObject({ confirmedAt: at(500), status: 'good', revocations: 0 });
  });

  it('is told until somebody unsubscribes', () => {
    const live = liveTrust(pki.state(), 'authority', NOW);
    let told = 0;
    const stop = live.of('participants').revocations.onChange(() => (told += 1));
    live.apply(pki.state({ version: 2 }), NOW);
    stop();
    live.apply(pki.state({ version: 3 }), NOW);
    expect([told, live.of('participants').revocations.version]).toEqual([1, 2]);
  });
});

describe('silence of the authority', () => {
  const { redAfterMs, graceMs } = TRUST_FRESHNESS;
  const statusAfter = (live: LiveTrust, ms: number, of = peer) =>
    live.of('participants').revocations.statusOf(of, at(ms));

  it('from the start: nobody’s status is known before its first word, and the process is not ready', () => {
    const live = liveTrust(pki.state(), 'authority', NOW);
    expect(statusAfter(live, 0)).toBe('unknown');
    expect(() => live.checkFresh(NOW)).toThrow('no word');
    live.confirm(NOW);
    expect(statusAfter(live, 0)).toBe('good');
    live.checkFresh(NOW);
  });

  it('makes the process unready first, and everybody unknown when the grace is over', () => {
    const live = liveTrust(pki.state({ revoked: [other] }), 'authority', NOW);
    live.confirm(NOW);
    live.checkFresh(at(redAfterMs));
    expect(() => live.checkFresh(at(redAfterMs + 1))).toThrow('no word');
    expect([statusAfter(live, graceMs), statusAfter(live, graceMs + 1)]).toEqual(['good', 'unknown']);
    expect(statusAfter(live, graceMs + 1, pki.peer(other))).toBe('revoked');
    live.confirm(at(graceMs + 2));
    expect(statusAfter(live, graceMs + 2)).toBe('good');
  });

  it('is not shortened by a clock that is set back', () => {
    const live = liveTrust(pki.state(), 'authority', NOW);
    live.confirm(NOW);
    expect(statusAfter(live, -graceMs - 1)).toBe('unknown');
    expect(() => live.checkFresh(at(-redAfterMs - 1))).toThrow('no word');
  });

  it('leaves the last known lists to the connection that can end it, with what they name', () => {
    const live = liveTrust(pki.state({ revoked: [other] }), 'authority', NOW);
    const { lastKnown } = live.of('participants');
    expect([lastKnown.statusOf(peer, NOW), lastKnown.statusOf(pki.peer(other), NOW)]).toEqual(['good', 'revoked']);
  });

  it('does not concern a self-signed certificate, which no authority has issued [RFC8705-2.2]', () => {
    const live = liveTrust(pki.state(), 'authority', NOW);
    expect(statusAfter(live, 0, pki.peer(pki.selfSigned()))).toBe('good');
  });

  it('does not save a list that has run out', () => {
    const live = liveTrust(pki.state({ nextUpdate: at(1_000) }), 'authority', NOW);
    live.confirm(at(1_000));
    expect([statusAfter(live, 999), statusAfter(live, 1_000)]).toEqual(['good', 'unknown']);
    expect(live.of('participants').nextUpdate).toEqual(at(1_000));
    // But for the connection that brings the next one.
    expect(live.of('participants').lastKnown.statusOf(peer, at(1_000))).toBe('good');
    expect(() => live.checkFresh(at(1_000))).toThrow('has run out');
  });
});

describe('a folder that is followed', () => {
  let folder: string;
  let live: LiveTrust | undefined;
  const reports: string[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-trust-'));
    reports.length = 0;
  });
  afterEach(() => {
    live?.close();
    rmSync(folder, { recursive: true });
  });
  const write = ({ purposes }: TrustState): void => {
    for (const [purpose, { authorities, revocationLists }] of Object.entries(purposes)) {
      writeFileSync(join(folder, `${purpose}.pem`), authorities);
      writeFileSync(join(folder, `${purpose}.crl`), revocationLists);
    }
  };
  const report = ({ message }: MtlsConfigError): void => void reports.push(message);
  const load = (): LiveTrust =>
    (live = loadLiveTrust(folder, { follow: 'folder', now: () => NOW, everyMs: 10, report }));
  const status = () => live?.of('participants').revocations.statusOf(peer, NOW);

  it('brings changes while the process runs', async () => {
    write(pki.state());
    expect([load().version, status()]).toEqual([0, 'good']);
    live?.checkFresh(at(3_600_000));
    expect(live?.confirmedAt).toEqual(NOW);
    write(pki.state({ version: 2, revoked: [victim] }));
    await expect.poll(status).toBe('revoked');
    expect(live?.version).toBeGreaterThan(0);
  });

  it('brings no older list, no forged one and no deletion; each is reported once', async () => {
    write(pki.state({ version: 2, revoked: [victim] }));
    load();
    write(pki.state({ version: 1 }));
    await sleep(100);
    expect(status()).toBe('revoked');
    expect(reports.filter((message) => message.includes('older'))).toHaveLength(1);
    write(pki.state({ version: 3, authorities: { participants: [pki.rogue()] } }));
    writeFileSync(join(folder, 'participants.pem'), pki.participants.trust.pem);
    await sleep(100);
    unlinkSync(join(folder, 'participants.crl'));
    await sleep(100);
    expect(status()).toBe('revoked');
    expect(reports.filter((message) => message.includes('not signed'))).toHaveLength(1);
    expect(reports.filter((message) => message.includes('does not exist'))).toHaveLength(1);
    write(pki.state({ version: 4 }));
    await expect.poll(status).toBe('good');
  });

  it.each(['web.pem', 'web.crl', 'participants.pem', 'participants.crl', 'services.pem', 'services.crl'])(
    'is no start without %s',
    (file) => {
      write(pki.state());
      unlinkSync(join(folder, file));
      expect(load).toThrow(`${file} does not exist`);
    },
  );
});
