import { clientRegistrationsContract } from '@holdfast/fapi/testing';
import { storesUnderTest } from '@holdfast/store/testing';
import { describe, expect, it } from 'vitest';
import { migrations } from '../state/schema.ts';
import type { AuthorizationTables } from '../state/schema.ts';
import { storedRegistrations } from './stored-registrations.ts';

describe.each(storesUnderTest())('the registrations on $name', ({ open }) => {
  clientRegistrationsContract(async () => {
    const store = await open<AuthorizationTables>(migrations);
    return {
      registrations: storedRegistrations(store),
      replica: async () => storedRegistrations(await open<AuthorizationTables>(migrations, { sameAs: store })),
    };
  });

  it('hold no token, and no statement that could be found by reading another table', async () => {
    const store = await open<AuthorizationTables>(migrations);
    const registration = {
      clientId: 'one',
      issuedAt: new Date(),
      profile: 'fapi2-security',
      metadata: {},
      statement: 'statement',
    } as const;
    await storedRegistrations(store).register({ registration, identifiers: ['key:a'] }, 'registration-token');
    const rows = [
      await store.db.selectFrom('registered_client').selectAll().execute(),
      await store.db.selectFrom('client_identifier').selectAll().execute(),
    ];
    expect(JSON.stringify(rows)).not.toContain('registration-token');
    expect(JSON.stringify(rows)).not.toContain('key:a');
  });
});
