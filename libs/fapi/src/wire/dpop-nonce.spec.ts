import { describe, expect, it } from 'vitest';
import { dpopNonces } from './dpop-nonce.ts';

const KEY = new Uint8Array(32).fill(1);
const START = new Date('2026-06-01T12:00:00Z');
const after = (seconds: number): Date => new Date(START.getTime() + seconds * 1000);

describe('a nonce is refused', () => {
  const nonces = dpopNonces(KEY, 60);

  it('when two steps have passed, or its step has not come [RFC9449-8.2]', () => {
    const nonce = nonces.issue(START);
    expect(nonces.accepts(nonce, after(119))).toBe(true);
    expect(nonces.accepts(nonce, after(120))).toBe(false);
    expect(nonces.accepts(nonce, after(-1))).toBe(false);
  });

  it('when another key made it, or a step of another length', () => {
    expect(nonces.accepts(dpopNonces(new Uint8Array(32).fill(2), 60).issue(START), START)).toBe(false);
    expect(nonces.accepts(dpopNonces(KEY, 120).issue(START), START)).toBe(false);
  });

  it.each(['', 'x', ' ', `${dpopNonces(KEY, 60).issue(START)}=`, dpopNonces(KEY, 60).issue(START).toLowerCase()])(
    'when it is "%s"',
    (nonce) => {
      expect(nonces.accepts(nonce, START)).toBe(false);
    },
  );

  it('cannot be made with a short key, or in steps of no length', () => {
    expect(() => dpopNonces(new Uint8Array(31), 60)).toThrow(TypeError);
    for (const step of [0, -1, 0.5, Number.NaN]) expect(() => dpopNonces(KEY, step)).toThrow(TypeError);
  });
});

describe('a nonce', () => {
  it('is good at every replica with the same key, also after a restart [RFC9449-8]', () => {
    expect(dpopNonces(KEY, 60).accepts(dpopNonces(Buffer.from(KEY), 60).issue(START), after(30))).toBe(true);
  });

  it('is another one in each step, and says nothing of the time [RFC9449-8.1]', () => {
    const issued = [0, 60, 120, 180].map((seconds) => dpopNonces(KEY, 60).issue(after(seconds)));
    expect(new Set(issued).size).toBe(4);
    for (const nonce of issued) expect(nonce).toMatch(/^[\w-]{43}$/);
  });
});
