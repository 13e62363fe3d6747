import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '@holdfast/fapi/as';
import { DpopProver } from '@holdfast/fapi/testing';
import type { ProofOccasion } from '@holdfast/fapi/testing';
import { createContext, startListener } from '@holdfast/host';
import type { OwnedContext, RunningListener } from '@holdfast/host';
import { clientTls } from '@holdfast/mtls';
import type { LeafName } from '@holdfast/mtls/testing';
import { throwAwayPki } from '@holdfast/mtls/testing';
import { openStore } from '@holdfast/store';
import type { Store } from '@holdfast/store';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { config as configSchema } from '../config.ts';
import type { Config } from '../config.ts';
import { buildEngine } from '../engine.ts';
import { openSigningKeys } from '../keys/signing-keys.ts';
import { MTLS_EXPOSURE, mtlsModule } from '../listeners.ts';
import { peopleFrom } from '../people/people.ts';
import { migrations } from '../state/schema.ts';
import type { AuthorizationTables } from '../state/schema.ts';

const LOCAL = new URL('../../../../infra/config/local/authorization-server.json', import.meta.url);
const ISSUER = 'https://auth.localhost:9443';
const URL_OF_USERINFO = `${ISSUER}/userinfo`;
const nobody = () => Promise.reject(new Error('there is no bank here'));

/** The mTLS listener of the authorization server, over its own store, keys and configuration. */
describe('userinfo over a socket, with a token bound to a key', () => {
  const pki = throwAwayPki();
  const home = mkdtempSync(join(tmpdir(), 'holdfast-userinfo-'));
  const prover = new DpopProver();
  let ctx: OwnedContext<Config>;
  let store: Store<AuthorizationTables>;
  let engine: Engine;
  let listener: RunningListener;
  let token: string;
  let nonce: string;

  beforeAll(async () => {
    pki.write(home);
    const local = readFileSync(LOCAL, 'utf8').replaceAll('participants-transport', 'participants intermediate');
    const config = configSchema.parse(JSON.parse(local));
    // Keys of clients lie in files that a whole home has; this one needs no such client.
    config.clients = config.clients.filter(({ jwksFile }) => jwksFile === undefined);
    ctx = createContext({ name: 'authorization-server', config, home });
    store = await openStore<AuthorizationTables>(config.store, { home, migrations });
    const bank = { shareableAccounts: nobody, authorize: nobody, end: nobody, endRequested: nobody };
    // What seals the signing keys in the store.
    writeFileSync(ctx.path(config.signingKeys.sealingKey), `${randomBytes(32).toString('base64url')}\n`, {
      mode: 0o600,
    });
    const { ring } = await openSigningKeys(ctx, store);
    engine = buildEngine(ctx, pki.live(), store, ring, peopleFrom(config.people), bank, { notify: nobody });
    const identity = pki.identity('authorization-server/mtls');
    listener = await startListener({
      name: 'mtls',
      module: mtlsModule(engine),
      clients: pki.door('participants'),
      identity,
      address: { host: '127.0.0.1', port: 0 },
      exposure: MTLS_EXPOSURE,
      ctx,
    });
    token = await boundTo({ jkt: await prover.thumbprint() });
    nonce = engine.dpopNonces.issue(ctx.clock.now());
  });
  afterAll(async () => {
    ctx.startDraining();
    await listener.close();
    await store.close();
    ctx.release();
    rmSync(home, { recursive: true });
  });

  // The honest call works in the same run: otherwise "refused" might only mean "down".
  afterEach(async () => {
    expect((await ask({ dpop: proof() })).json).toEqual({ sub: 'cus-alice-7302' });
  });

  function boundTo(cnf: object): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const times = { iat: now, exp: now + 300 };
    const who = { iss: ISSUER, aud: ISSUER, sub: 'cus-alice-7302', client_id: 'tidepool', scope: 'openid' };
    return engine.keys.sign('ES256', 'at+jwt', { ...who, ...times, jti: 'token-1', grant_id: 'grant-1', cnf });
  }

  const proof = (changes: Partial<ProofOccasion> = {}, claims: Readonly<Record<string, unknown>> = {}): string =>
    prover.prove(
      { method: 'GET', url: URL_OF_USERINFO, now: new Date(), accessToken: token, nonce, ...changes },
      claims,
    );

  async function ask(sent: {
    readonly dpop?: string | string[];
    readonly scheme?: string;
    readonly method?: string;
    readonly certificate?: LeafName;
  }) {
    const { dpop, scheme = 'DPoP', method = 'GET', certificate } = sent;
    const trust = { serverTrust: pki.web.trust, names: 'loopback' as const };
    const request = httpsRequest({
      ...clientTls(certificate === undefined ? trust : { ...trust, identity: pki.identity(certificate) }),
      host: 'mtls.auth.localhost',
      port: listener.port,
      path: '/userinfo',
      method,
      agent: false,
      headers: { authorization: `${scheme} ${token}`, ...(dpop === undefined ? {} : { dpop }) },
    });
    request.end();
    const [response] = await once(request, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return {
      status: response.statusCode,
      headers: response.headers,
      json: JSON.parse(Buffer.concat(chunks).toString()),
    };
  }

  const reasons = () =>
    readFileSync(join(home, 'audit/authorization-server.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { reason?: string }).reason);

  it.each([
    ['without a proof', () => ({}), 'invalid_dpop_proof', 'dpop_proof_missing'],
    ['with two proofs', () => ({ dpop: [proof(), proof()] }), 'invalid_dpop_proof', 'dpop_proof_repeated'],
    ['as Bearer', () => ({ dpop: proof(), scheme: 'Bearer' }), 'invalid_token', 'token_scheme_mismatch'],
    ['by another method', () => ({ dpop: proof(), method: 'POST' }), 'invalid_dpop_proof', 'dpop_method_mismatch'],
    [
      'with the proof of a token request',
      () => ({ dpop: proof({ url: `${ISSUER}/token` }) }),
      'invalid_dpop_proof',
      'dpop_url_mismatch',
    ],
    [
      'with a proof of another key',
      () => ({
        dpop: new DpopProver().prove({
          method: 'GET',
          url: URL_OF_USERINFO,
          now: new Date(),
          accessToken: token,
          nonce,
        }),
      }),
      'invalid_token',
      'dpop_key_mismatch',
    ],
    [
      'with a nonce of nobody',
      () => ({ dpop: proof({ nonce: 'A'.repeat(43) }) }),
      'use_dpop_nonce',
      'dpop_nonce_wrong',
    ],
  ])('is refused %s, even to the holder of a certificate [RFC9449-7.1]', async (_, sent, code, reason) => {
    const refused = await ask({ ...sent(), certificate: 'fintech/transport' });
    expect([refused.status, refused.json.error, reasons().at(-1)]).toEqual([401, code, reason]);
    expect(refused.headers['www-authenticate']).toContain('DPoP error=');
  });

  it('is refused a second time with the same proof [RFC9449-11.1]', async () => {
    const once = proof();
    expect((await ask({ dpop: once })).status).toBe(200);
    const again = await ask({ dpop: once });
    expect([again.status, again.json.error, reasons().at(-1)]).toEqual([401, 'invalid_dpop_proof', 'dpop_replayed']);
  });

  it.each([ISSUER, 'https://mtls.auth.localhost:9444'])(
    'is answered with a proof for %s, and told the next nonce [RFC9449-8.2]',
    async (origin) => {
      const told = await ask({ dpop: proof({ url: `${origin}/userinfo` }) });
      expect([told.status, told.json.sub]).toEqual([200, 'cus-alice-7302']);
      expect(told.headers['dpop-nonce']).toMatch(/^[\w-]{43}$/);
    },
  );

  it('leaves no token and no proof in the audit trail', () => {
    expect(readFileSync(join(home, 'audit/authorization-server.jsonl'), 'utf8')).not.toMatch(/eyJ/);
  });
});
