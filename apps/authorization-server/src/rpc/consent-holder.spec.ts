import type { RpcCode } from '@holdfast/rpc';
import { RpcError } from '@holdfast/rpc';
import type { AccountDirectoryClient } from '@holdfast/rpc/bank';
import { describe, expect, it } from 'vitest';
import { consentHolder } from './consent-holder.ts';

const failingWith = (code: RpcCode) => {
  const fail = () => Promise.reject(new RpcError(code));
  return consentHolder({
    listShareableAccounts: fail,
    authorizeConsent: fail,
    revokeConsent: fail,
  } as Partial<AccountDirectoryClient> as AccountDirectoryClient);
};

describe('the bank', () => {
  it.each(['unavailable', 'permission_denied'] as const)('that answers %s has not ended a consent', async (code) => {
    const ended = failingWith(code).end('con_1');
    await expect(ended).rejects.toMatchObject({ code: 'temporarily_unavailable', evidence: { problem: code } });
  });

  it('that does not know a person shows no accounts instead of none', async () => {
    const asked = failingWith('not_found').shareableAccounts('alice');
    await expect(asked).rejects.toMatchObject({ code: 'temporarily_unavailable', show: 'page' });
  });

  it('that is away has not ended what was asked of it half-way', async () => {
    await expect(failingWith('unavailable').endRequested('asked-1')).rejects.toMatchObject({
      code: 'temporarily_unavailable',
    });
  });

  it('that never recorded what was asked of it has nothing left to end', async () => {
    await expect(failingWith('not_found').endRequested('asked-1')).resolves.toBeUndefined();
  });

  it('that does not know a consent has nothing left to end [RFC7009-2.2]', async () => {
    await expect(failingWith('not_found').end('con_1')).resolves.toBeUndefined();
  });
});
