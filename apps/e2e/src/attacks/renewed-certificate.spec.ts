import { createPrivateKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Http, said } from '../wire/http.ts';
import type { PemIdentity } from '../wire/http.ts';
import { Participants } from '../wire/participants.ts';
import { RawClient } from '../wire/raw-client.ts';
import { Trail } from '../wire/trail.ts';
import { expectRefused, invalidToken } from './expect-refused.ts';

// T04 of docs/attacks.md: a token holds to the certificate and not to its key, so that a renewed client fetches a new one.
const world = inject('world');
const trail = new Trail(world.home);
const client = new RawClient('security-tls-2', world);
const participants = new Participants(world.home);
afterAll(() => client.close());

const names = { subject: `CN=${client.id},O=Holdfast test clients`, dnsNames: [`${client.id}.client.localhost`] };

let tokens: Record<string, string>;
beforeAll(async () => {
  tokens = await client.tokens();
});

describe('T04, a token after its certificate was renewed', () => {
  it.each<[string, () => PemIdentity]>([
    ['over the same key', () => participants.issue({ ...names, key: createPrivateKey(client.file.key ?? '') })],
    ['over a new key', () => participants.issue(names)],
  ])(
    '%s, is none, and the refresh token brings one for the new certificate [RFC8705-6.3] [RFC8705-7.1]',
    async (_title, renew) => {
      const http = new Http(world.home, renew());
      const { access_token: old = '', refresh_token: refresh } = tokens;
      const mismatch = invalidToken('certificate_thumbprint_mismatch');
      await expectRefused(await client.show(old, 'Bearer', { http }), mismatch, trail);

      const renewed = await client.token({ grant_type: 'refresh_token', refresh_token: refresh }, { http });
      expect(renewed.answer.status).toBe(200);
      const fresh = String(said(renewed.answer)['access_token']);
      expect((await client.show(fresh, 'Bearer', { http })).answer.status).toBe(200);

      // And it is the new one's alone: neither token has become one of both certificates.
      await expectRefused(await client.show(fresh), mismatch, trail);
      expect((await client.show(old)).answer.status).toBe(200);
      await http.close();
    },
  );
});
