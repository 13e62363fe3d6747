import { beforeEach, describe, expect, it } from 'vitest';
import { Acknowledgements } from './acknowledgements.ts';
import type { Acknowledgement, HeldCertificate } from './acknowledgements.ts';
import { liveTrust } from './live-trust.ts';
import type { LiveTrust } from './live-trust.ts';
import { throwAwayPki } from './testing/index.ts';
import { TRUST_FRESHNESS } from './trust-freshness.ts';

const pki = throwAwayPki();
const instance = 'i'.repeat(22);
const { thumbprint, notAfter } = pki.peer('bank/service');
const certificate: HeldCertificate = { name: 'bank/service', thumbprint, issuer: 'old', notAfter };

let live: LiveTrust;
let now: number;
let held: HeldCertificate[];
let sent: Acknowledgement[];
let acknowledgements: Acknowledgements;
beforeEach(() => {
  now = Date.now();
  live = liveTrust(pki.state(), 'authority', new Date(now));
  held = [certificate];
  sent = [];
  acknowledgements = new Acknowledgements({ instance, live, held: () => held, clock: { now: () => new Date(now) } });
});
const tell = () => acknowledgements.tell(async (news) => sent.push(news));

describe('what is told to the authority', () => {
  it('is who speaks, what is in force, and what is presented', async () => {
    await tell();
    expect(sent).toEqual([{ instance, version: 1, certificates: [certificate] }]);
  });

  it('is nothing before the authority has spoken', async () => {
    live = liveTrust({ ...pki.state(), version: 0 }, 'authority', new Date(now));
    acknowledgements = new Acknowledgements({ instance, live, held: () => held, clock: { now: () => new Date(now) } });
    await tell();
    expect(sent).toEqual([]);
  });

  it('is told once, and every change of it at once', async () => {
    for (let times = 0; times < 2; times++) await tell();
    held = [{ ...certificate, issuer: 'new' }];
    for (let times = 0; times < 2; times++) await tell();
    live.apply(pki.state({ version: 2 }), new Date(now));
    for (let times = 0; times < 2; times++) await tell();
    expect(sent.map(({ version, certificates }) => [version, certificates[0]?.issuer])).toEqual([
      [1, 'old'],
      [1, 'new'],
      [2, 'new'],
    ]);
  });

  it('is told again while nothing changes, well within the grace for which a silent process is waited for', async () => {
    await tell();
    now += TRUST_FRESHNESS.presentMs - 1;
    await tell();
    expect(sent).toHaveLength(1);
    now += 1;
    await tell();
    expect(sent).toEqual([sent[0], sent[0]]);
    expect(TRUST_FRESHNESS.presentMs).toBeLessThanOrEqual(TRUST_FRESHNESS.graceMs / 3);
  });

  it('is that it ends, if it ever told anything, whoever hears it', async () => {
    await acknowledgements.leave(async (news) => sent.push(news));
    expect(sent).toEqual([]);
    await tell();
    await acknowledgements.leave(async (news) => sent.push(news));
    expect(sent.at(-1)).toEqual({ instance, version: 0, certificates: [] });
    await acknowledgements.leave(() => Promise.reject(new Error('away')));
  });

  it('is news still when it did not arrive', async () => {
    await expect(acknowledgements.tell(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
    await tell();
    expect(sent).toHaveLength(1);
  });
});
