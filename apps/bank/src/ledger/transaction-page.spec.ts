import { describe, expect, it } from 'vitest';
import { parseTransactionPage } from './transaction-page.ts';

const page = (query: Record<string, string>) => parseTransactionPage(new Map(Object.entries(query)));

describe('which transactions are asked for', () => {
  it.each([
    { limit: '0' },
    { limit: '-1' },
    { limit: '201' },
    { limit: '1e2' },
    { limit: '0x10' },
    { limit: '10.0' },
    { limit: ' 5' },
    { from: 'yesterday' },
    { from: '2026-02-30' },
    { from: '2026-11-23T10:00:00' },
    { from: '2026-11-23T10:00:00+01:00' },
    { from: '2026-11-23T24:00:00Z' },
    { to: '20261123' },
    { to: '2026-13-01' },
    { from: '2026-11-02', to: '2026-11-01' },
  ])('refuses %o', (query) => {
    expect(() => page(query)).toThrow(
      expect.objectContaining({ code: 'invalid_request', reason: 'parameter_malformed' }),
    );
  });

  it('gives a page of fifty when nothing is said', () => {
    expect(page({})).toEqual({ limit: 50 });
  });

  it('counts both calendar days whole', () => {
    expect(page({ from: '2026-11-01', to: '2026-11-02' })).toMatchObject({
      from: new Date('2026-11-01T00:00:00.000Z'),
      to: new Date('2026-11-02T23:59:59.999Z'),
    });
  });

  it('takes moments in UTC as they are', () => {
    expect(page({ from: '2026-11-01T08:30:00Z', limit: '200' })).toEqual({
      from: new Date('2026-11-01T08:30:00Z'),
      limit: 200,
    });
  });
});
