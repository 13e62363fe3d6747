import { describe, expect, it } from 'vitest';
import { ProcessHealth } from './health.ts';

describe('readiness', () => {
  it('is red when a check throws, rejects or does not answer, and names it without its words', async () => {
    const health = new ProcessHealth();
    health.add('throws', () => {
      throw new Error('password wrong');
    });
    health.add('rejects', () => Promise.reject(new Error('host db-7 unreachable')));
    health.add('silent', () => new Promise<void>(() => undefined));
    health.add('fine', () => undefined);
    expect(await health.readiness()).toEqual({ ready: false, failing: ['throws', 'rejects', 'silent'] });
  });

  it('is red from the start of the drain, whatever the checks say', async () => {
    const health = new ProcessHealth();
    expect(await health.readiness()).toEqual({ ready: true, failing: [] });
    health.drain();
    expect(await health.readiness()).toEqual({ ready: false, failing: ['draining'] });
  });

  it('asks the checks once for a crowd that wants to know', async () => {
    const health = new ProcessHealth();
    let asked = 0;
    health.add('counts', () => {
      asked++;
    });
    await Promise.all(Array.from({ length: 50 }, () => health.readiness()));
    expect(asked).toBe(1);
  });

  it('has one check of each name', () => {
    const health = new ProcessHealth();
    health.add('store', () => undefined);
    expect(() => health.add('store', () => undefined)).toThrow('two health checks are called store');
  });
});
