import { storesUnderTest } from '@holdfast/store/testing';
import { describe, expect, it } from 'vitest';
import { proofReplays } from './proof-replays.ts';

const UNTIL = new Date('2026-06-01T12:01:10Z');

describe.each(storesUnderTest())('the proofs the bank has seen, on $name', ({ open }) => {
  async function twoReplicas() {
    const store = await open();
    const replica = await open({}, { sameAs: store });
    return [store, replica].map(({ singleUse }) => proofReplays(singleUse));
  }

  it('are refused a second time, at whichever replica [RFC9449-11.1]', async () => {
    const [first, second] = await twoReplicas();
    expect(await first!.recordProof('key', 'proof', UNTIL)).toBe(true);
    expect(await first!.recordProof('key', 'proof', UNTIL)).toBe(false);
    expect(await second!.recordProof('key', 'proof', UNTIL)).toBe(false);
    expect(await second!.recordProof('other key', 'proof', UNTIL)).toBe(true);
  });

  it('are taken by one of fifty, on two replicas [RFC9449-11.1]', async () => {
    const replicas = await twoReplicas();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, racer) => replicas[racer % 2]!.recordProof('key', 'proof', UNTIL)),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  it('are forgotten once they are too old for everybody', async () => {
    const store = await open();
    const replays = proofReplays(store.singleUse);
    await replays.recordProof('key', 'proof', UNTIL);
    expect(await store.singleUse.sweep(UNTIL)).toBe(0);
    expect(await store.singleUse.sweep(new Date(UNTIL.getTime() + 3_600_000))).toBe(1);
  });
});
