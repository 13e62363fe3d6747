import type { RevocationUpdate } from '@holdfast/rpc/authorization';
import { RevocationKind } from '@holdfast/rpc/authorization';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RevocationWatch } from './revocation-watch.ts';

const SILENCE = 80;
const LATER = Math.floor(Date.now() / 1000) + 600;

/** The authorization server as the watch sees it: messages are pushed by hand, answers are set by hand. */
class ScriptedTokenStatus {
  opened = 0;
  answer: () => Promise<{ active: boolean }> = () => Promise.reject(new Error('unavailable'));
  readonly asked: { tokenId: string; grantId: string; deadlineMs: number | undefined }[] = [];
  #deliver: ((message: RevocationUpdate | Error | undefined) => void) | undefined;

  readonly introspect = (
    request: { tokenId: string; grantId: string },
    options: { deadlineMs?: number } = {},
  ): Promise<{ active: boolean }> => {
    this.asked.push({ ...request, deadlineMs: options.deadlineMs });
    return this.answer();
  };

  async *watchRevocations(_: object, { signal }: { signal?: AbortSignal } = {}): AsyncGenerator<RevocationUpdate> {
    this.opened += 1;
    for (;;) {
      const message = await new Promise<RevocationUpdate | Error | undefined>((resolve) => {
        this.#deliver = resolve;
        signal?.addEventListener('abort', () => resolve(new Error('cancelled')), { once: true });
      });
      if (message === undefined) return;
      if (message instanceof Error) throw message;
      yield message;
    }
  }

  async send(message: Partial<RevocationUpdate> | Error | undefined): Promise<void> {
    await vi.waitFor(() => expect(this.#deliver).toBeDefined(), { interval: 1 });
    const deliver = this.#deliver;
    this.#deliver = undefined;
    const whole = { cursor: 1, revocations: [], snapshotComplete: true };
    deliver?.(message === undefined || message instanceof Error ? message : { ...whole, ...message });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('what the bank knows of revocations', () => {
  let status: ScriptedTokenStatus;
  let watch: RevocationWatch;
  let now: number;
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn() };

  beforeEach(() => {
    now = 0;
    status = new ScriptedTokenStatus();
    watch = new RevocationWatch({
      tokenStatus: status,
      clock: { now: () => new Date() },
      elapsed: () => now,
      log,
      silence: SILENCE,
      introspectionDeadline: 500,
    });
    watch.start();
  });

  afterEach(() => watch.close());

  it('is unknown before the first snapshot when nobody can be asked', async () => {
    expect(await watch.check('t', 'g')).toBe('unknown');
    expect(() => watch.checkReady()).toThrow();
  });

  it('is not certain while the snapshot is incomplete', async () => {
    await status.send({ snapshotComplete: false });
    expect(await watch.check('t', 'g')).toBe('unknown');
  });

  it('is unknown after too long a silence when nobody can be asked', async () => {
    await status.send({});
    expect(await watch.check('t', 'g')).toBe('active');
    now = SILENCE + 1;
    expect(await watch.check('t', 'g')).toBe('unknown');
    expect(() => watch.checkReady()).toThrow();
  });

  it('asks after too long a silence, with a deadline, and believes the answer', async () => {
    await status.send({});
    now = SILENCE + 1;
    status.answer = () => Promise.resolve({ active: true });
    expect(await watch.check('t', 'g')).toBe('active');
    status.answer = () => Promise.resolve({ active: false });
    expect(await watch.check('t', 'g')).toBe('revoked');
    expect(status.asked).toEqual(Array(2).fill({ tokenId: 't', grantId: 'g', deadlineMs: 500 }));
  });

  it('doubts everything after a revocation of an unknown kind', async () => {
    await status.send({});
    await status.send({ revocations: [{ kind: RevocationKind.UNRECOGNIZED, id: 'x', expiresAt: LATER }] });
    expect(await watch.check('t', 'g')).toBe('unknown');
  });

  it('holds on to a revocation through silence and lost streams', async () => {
    await status.send({ revocations: [{ kind: RevocationKind.GRANT, id: 'g', expiresAt: LATER }] });
    await status.send(new Error('connection lost'));
    now = SILENCE * 100;
    expect(await watch.check('t', 'g')).toBe('revoked');
    expect(status.asked).toEqual([]);
  });

  it('opens the stream again within half a second, also when it ended politely', async () => {
    await status.send({});
    await status.send(undefined);
    // However slow the process is, what is due sooner comes sooner.
    await sleep(500);
    expect(status.opened).toBeGreaterThanOrEqual(2);
  });

  it('gives up a stream that went silent without an error', async () => {
    await status.send({});
    await vi.waitFor(() => expect(status.opened).toBeGreaterThan(1), { timeout: 10_000, interval: 5 });
  });

  it('takes a token for active while every heartbeat arrives', async () => {
    for (let beat = 0; beat < 5; beat += 1) {
      await status.send({});
      now += SILENCE - 1;
      expect(await watch.check('t', 'g')).toBe('active');
    }
    expect(() => watch.checkReady()).not.toThrow();
    expect(status.asked).toEqual([]);
  });
});
