import { randomBytes, X509Certificate } from 'node:crypto';
import { CERTIFICATE_FINDINGS } from '@holdfast/mtls';
import { PATIENTS } from '@holdfast/mtls/clinic';
import type { Store } from '@holdfast/store';
import { storesUnderTest } from '@holdfast/store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrations } from '../state/schema.ts';
import type { AuthorizationTables } from '../state/schema.ts';
import { pki, ServerUnderTest } from '../testing/server-under-test.ts';

const ward = {
  participants: { root: pki.participants.root.certificate, intermediate: pki.participants.intermediate },
  services: pki.services.intermediate,
  now: new Date(),
  random: randomBytes,
  names: { subject: 'CN=developer', dnsNames: ['client.developer.localhost'] },
};
const issued = new Map(
  PATIENTS.map(({ id, issue, issueByRoot }) => [id, issueByRoot?.(ward, pki.participants.root) ?? issue?.(ward)]),
);
const revoked = PATIENTS.filter((patient) => patient.revoked).map(({ id }) => ({
  certificate: new X509Certificate(issued.get(id)?.certificatePem ?? ''),
}));

describe('the certificates of the clinic, at the token endpoint', () => {
  let server: ServerUnderTest;
  let store: Store<AuthorizationTables>;
  beforeAll(async () => {
    const [first] = storesUnderTest();
    if (first === undefined) throw new Error('there is no store to test on');
    store = await first.open<AuthorizationTables>(migrations);
    server = await ServerUnderTest.open(store);
    server.trust.apply(pki.state({ version: 2, revoked }), ward.now);
  });
  afterAll(() => server.close());

  const present = (id: string) =>
    server.ask('mtls', '/token', {
      form: { grant_type: 'client_credentials', client_id: 'developer', scope: 'grant_management_query' },
      files: issued.get(id),
    });

  it.each(PATIENTS.filter(({ foundAt, code }) => foundAt === 'listener' && code !== undefined))(
    '$id: answer and audit event name $code, and no token comes [RFC8705-2.1] [RFC6749-5.2]',
    async ({ id, code = 'certificate_missing' }) => {
      const before = server.audit().length;
      const { status, json } = await present(id);
      expect(status).toBe(401);
      expect(json).toEqual({
        error: 'invalid_client',
        error_description: `${code}: ${CERTIFICATE_FINDINGS[code].fault.en}`,
      });
      const events = server.audit().slice(before);
      expect(events).toMatchObject([{ outcome: 'refused', error: 'invalid_client', reason: code }]);
    },
  );

  it.each(PATIENTS.filter(({ code }) => code === undefined))('$id: gets its token [RFC8705-2.1]', async ({ id }) => {
    expect((await present(id)).json).toMatchObject({ token_type: 'Bearer' });
  });

  it.each(PATIENTS.filter(({ foundAt }) => foundAt !== 'listener'))(
    '$id: never gets an answer, and nothing is written down',
    async ({ id }) => {
      const before = server.audit().length;
      await expect(present(id)).rejects.toThrow();
      expect(server.audit()).toHaveLength(before);
    },
  );
});
