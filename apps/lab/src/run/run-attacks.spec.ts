import { describe, expect, it } from 'vitest';
import type { ControlGroup } from '../control-group/control-group.ts';
import type { AuditEvent, AuditTrail } from '../real/audit-trail.ts';
import type { RealStack } from '../real/real-stack.ts';
import type { Exchange } from '../wire/https-call.ts';
import type { WireAnswer } from '../wire/wire-answer.ts';
import type { Attack } from './attack.ts';
import { IG, R401, TLSX } from './refusal.ts';
import type { AttemptPlan } from './real-stage.ts';
import type { RealTarget } from './run-attacks.ts';
import { runAttacks } from './run-attacks.ts';

const what = { en: 'something', ja: '何か' };
const sent = { caller: 'x', thumbprint: undefined, line: 'GET /accounts', headers: [], form: [], interaction: 'i-1' };
const answered = (answer: WireAnswer): Exchange => ({
  ...{ sent, answer, headers: new Map(), setCookies: [], body: '' },
  status: answer.kind === 'http' ? answer.status : 0,
});
const ok = answered({ kind: 'http', status: 200, besides: ['accounts'] });
const no = answered({ kind: 'http', status: 401, error: 'invalid_token', besides: [] });
const event: AuditEvent = {
  ...{ action: 'x', outcome: 'refused', reason: 'token_expired' },
  interaction: 'i-1',
  by: 'bank',
  line: '{}',
};

/** A trail with these events on file, and a leak if told so. */
function trail(events: readonly AuditEvent[], leak?: string): AuditTrail {
  return {
    mark: async () => new Map(),
    find: async (_mark, fits) => events.find(fits),
    leakSince: async () => leak,
  };
}

const plan: AttemptPlan = { what, act: async () => no, refusedWith: [R401], reason: 'token_expired' };

function attackWith(changes: Partial<AttemptPlan> = {}, onControl?: Attack['onControl']): Attack {
  return {
    ...{ id: 'X01', slug: 'x', title: what, story: what, attacker: '', holds: what, clauses: [], control: 'bearer' },
    onControl: onControl ?? (({ steal }) => steal({ what, act: async () => ok, proof: () => 'a balance' })),
    async onReal({ attempt, unchanged, honest }) {
      await attempt({ ...plan, ...changes });
      await unchanged(what, async () => undefined);
      await honest(what, async () => ok);
    },
  };
}

async function run(attack: Attack, audit: AuditTrail = trail([event])) {
  // The scripts under test use nothing of the two stacks but the audit trail.
  const real: RealTarget = { stack: { audit, secrets: [], tidyUp: async () => undefined } as unknown as RealStack };
  const { results, exitCode } = await runAttacks([attack], { control: {} as ControlGroup, real });
  return { ...results[0]!.verdict, exitCode };
}

describe('the runner ends with 1', () => {
  it('when the theft succeeds', async () => {
    expect(await run(attackWith({ act: async () => [no, ok] }))).toMatchObject({ outcome: 'stolen', exitCode: 1 });
  });

  it('when the refusal is another one than expected, or carries something besides the error', async () => {
    expect(await run(attackWith({ refusedWith: [IG] }))).toMatchObject({ outcome: 'inconclusive', exitCode: 1 });
    const leaky = answered({ kind: 'http', status: 401, error: 'invalid_token', besides: ['accounts'] });
    expect(await run(attackWith({ act: async () => leaky }))).toMatchObject({ outcome: 'inconclusive', exitCode: 1 });
  });

  it('when nobody was there to refuse', async () => {
    const gone = answered({ kind: 'unreachable', code: 'ECONNREFUSED' });
    const verdict = await run(attackWith({ act: async () => gone, refusedWith: [TLSX, R401] }));
    expect(verdict).toMatchObject({ outcome: 'inconclusive', exitCode: 1 });
  });

  it('when nothing was sent', async () => {
    expect(await run(attackWith({ act: async () => [] }))).toMatchObject({ outcome: 'inconclusive', exitCode: 1 });
  });

  it('when the audit trail is silent, gives another reason, or speaks of another request', async () => {
    for (const events of [
      [],
      [{ ...event, reason: 'token_revoked' }],
      [{ ...event, interaction: 'i-2' }],
      [{ ...event, outcome: 'allowed' }],
    ])
      expect(await run(attackWith(), trail(events))).toMatchObject({ outcome: 'inconclusive', exitCode: 1 });
  });

  it('when the event lacks what the case asks of it', async () => {
    const verdict = await run(attackWith({ checkEvent: () => 'no thumbprints' }));
    expect(verdict).toMatchObject({ outcome: 'inconclusive', exitCode: 1 });
  });

  it('when a secret is found in the audit trail', async () => {
    expect(await run(attackWith(), trail([event], 'bank.jsonl'))).toMatchObject({ passed: false, exitCode: 1 });
  });

  it('when the control is broken, or breaks off', async () => {
    const empty = attackWith({}, ({ steal }) => steal({ what, act: async () => no, proof: () => undefined }));
    const crashing = attackWith({}, () => Promise.reject(new Error('no way')));
    for (const attack of [empty, crashing])
      expect(await run(attack)).toMatchObject({ controlStolen: false, exitCode: 1 });
  });

  it('when there is no real stack, and when there is no attack', async () => {
    const targets = { control: {} as ControlGroup, real: { away: 'not started' } };
    expect((await runAttacks([attackWith()], targets)).exitCode).toBe(1);
    expect((await runAttacks([], targets)).exitCode).toBe(1);
  });
});

describe('the runner ends with 0', () => {
  it('when everything is as it should be', async () => {
    expect(await run(attackWith())).toMatchObject({ outcome: 'refused', passed: true, exitCode: 0 });
  });

  it('without looking for an event where the handshake ended the attempt', async () => {
    const cutOff = answered({ kind: 'cut-off', code: 'ECONNRESET' });
    const verdict = await run(attackWith({ act: async () => cutOff, refusedWith: [TLSX] }), trail([]));
    expect(verdict).toMatchObject({ passed: true, exitCode: 0 });
  });
});
