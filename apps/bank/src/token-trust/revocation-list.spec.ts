import { RevocationKind } from '@holdfast/rpc/authorization';
import { beforeEach, describe, expect, it } from 'vitest';
import { RevocationList } from './revocation-list.ts';

const IN_A_MINUTE = 60;
const revocation = (kind: RevocationKind, id: string, expiresAt = IN_A_MINUTE) => ({ kind, id, expiresAt });

describe('the list of revocations', () => {
  let now = 0;
  let list: RevocationList;

  beforeEach(() => {
    now = 0;
    list = new RevocationList(() => now);
  });

  it('is never fresh before it was complete once', () => {
    list.add([revocation(RevocationKind.GRANT, 'g')]);
    expect(list.age()).toBe(Infinity);
  });

  it('grows old with every millisecond of silence', () => {
    list.confirmComplete();
    now = 2_001;
    expect(list.age()).toBe(2_001);
  });

  it.each([RevocationKind.UNSPECIFIED, RevocationKind.UNRECOGNIZED])('refuses a revocation of kind %s', (kind) => {
    expect(() => list.add([revocation(kind, 'x')])).toThrow('unknown kind');
  });

  it('knows nothing for certain after a doubt', () => {
    list.confirmComplete();
    list.doubt();
    expect(list.age()).toBe(Infinity);
  });

  it('does not take a grant id for a token id', () => {
    list.add([revocation(RevocationKind.GRANT, 'same')]);
    expect(list.has('same', 'other')).toBe(false);
    expect(list.has('other', 'same')).toBe(true);
  });

  it('forgets an entry at its expiry and not before', () => {
    list.add([revocation(RevocationKind.ACCESS_TOKEN, 't')]);
    list.drop(new Date(IN_A_MINUTE * 1000 - 1));
    expect(list.has('t', 'g')).toBe(true);
    list.drop(new Date(IN_A_MINUTE * 1000));
    expect(list.has('t', 'g')).toBe(false);
    expect(list.size).toBe(0);
  });
});
