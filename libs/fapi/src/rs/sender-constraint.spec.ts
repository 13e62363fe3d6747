import { beforeEach, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../audit.ts';
import { OAuthError } from '../errors.ts';
import { DpopProver } from '../testing/dpop-prover.ts';
import type { Changes, ProofOccasion } from '../testing/dpop-prover.ts';
import { BANK, claimsOf, engineFixture, ISSUER, tokens } from '../testing/engine-fixture.ts';
import type { EngineFixture } from '../testing/engine-fixture.ts';
import { createResourceServer } from './verify-request.ts';
import type { ResourceRequest, VerifiedCaller } from './verify-request.ts';

const OTHER_NAME = 'https://bank.test';
const holder = new DpopProver();
const thief = new DpopProver();

let f: EngineFixture;
let events: AuditEvent[];
let certificate: string;
let jkt: string;

beforeEach(async () => {
  f = await engineFixture();
  events = [];
  certificate = f.peers.first.thumbprint;
  jkt = await holder.thumbprint();
});

type Bound = 'certificate' | 'key' | 'both';

/** A token of this issuer, bound as said and good in every other respect. */
async function tokenBoundTo(bound: Bound): Promise<string> {
  const cnf = {
    certificate: { 'x5t#S256': certificate },
    key: { jkt },
    both: { 'x5t#S256': certificate, jkt },
  }[bound];
  return f.engine.keys.sign('ES256', 'at+jwt', { ...claimsOf((await tokens(f)).access_token), cnf });
}

function verify(token: string, changes: Partial<ResourceRequest>): Promise<VerifiedCaller> {
  const bank = createResourceServer({
    issuer: ISSUER,
    audience: BANK,
    keys: ({ kid, alg }) => Promise.resolve(f.engine.keys.verificationKey(kid, alg)),
    revocations: { check: () => Promise.resolve('active') },
    dpop: { origins: [BANK, OTHER_NAME], nonces: f.engine.dpopNonces, replays: f.state },
    clock: f.clock,
    audit: (event) => void events.push(event),
  });
  const authorization = [`DPoP ${token}`];
  return bank.verifyRequest({ authorization, dpop: [], method: 'GET', url: '/accounts', peer: undefined, ...changes });
}

/** What an honest client would say of this request in its proof. */
const occasion = (token: string, changes: Partial<ProofOccasion> = {}): ProofOccasion => ({
  method: 'GET',
  url: `${BANK}/accounts`,
  now: f.clock.now(),
  accessToken: token,
  nonce: f.engine.dpopNonces.issue(f.clock.now()),
  ...changes,
});
const proofFor = (token: string, claims: Changes = {}): string => holder.prove(occasion(token), claims);

/** The refusal whole; nothing was remembered of the proof, and neither token nor proof is in the audit trail. */
async function refused(decision: Promise<unknown>, code: string, reason: string): Promise<OAuthError> {
  const remembered = f.state.proofs.size;
  const error: unknown = await decision.then(
    () => new Error('it was allowed'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(OAuthError);
  expect(error).toMatchObject({ code, reason, show: 'resource' });
  expect(events.at(-1)).toMatchObject({ action: 'resource.verify', outcome: 'refused', reason, error: code });
  expect(JSON.stringify(events)).not.toMatch(/eyJ/);
  expect(f.state.proofs.size).toBe(remembered);
  return error as OAuthError;
}

const CERTIFICATES = ['the right certificate', 'a wrong one', 'none'] as const;
const peerOf = (which: (typeof CERTIFICATES)[number]): ResourceRequest['peer'] =>
  ({ 'the right certificate': f.peers.first, 'a wrong one': f.peers.second, none: undefined })[which];

const PROOFS = {
  'the right proof': (token: string) => [proofFor(token)],
  'a proof with a wrong key': (token: string) => [thief.prove(occasion(token))],
  'no proof': () => [],
  'a proof that was used': async (token: string) => {
    const proof = proofFor(token);
    await verify(token, { peer: f.peers.first, dpop: [proof] });
    return [proof];
  },
  'a proof without ath': (token: string) => [proofFor(token, { ath: undefined })],
  'a proof for another URL': (token: string) => [holder.prove(occasion(token, { url: `${BANK}/accounts/7` }))],
  'a proof for another method': (token: string) => [holder.prove(occasion(token, { method: 'POST' }))],
} as const satisfies Record<string, (token: string) => string[] | Promise<string[]>>;

/** `undefined` where the request is allowed. One column for each of {@link CERTIFICATES}. */
type Row = readonly [keyof typeof PROOFS, ...(string | undefined)[]];

/** Bound to a key alone: what certificate there is makes no difference. */
const KEY_ALONE: readonly Row[] = [
  ['the right proof', undefined, undefined, undefined],
  ['a proof with a wrong key', 'dpop_key_mismatch', 'dpop_key_mismatch', 'dpop_key_mismatch'],
  ['no proof', 'dpop_proof_missing', 'dpop_proof_missing', 'dpop_proof_missing'],
  ['a proof that was used', 'dpop_replayed', 'dpop_replayed', 'dpop_replayed'],
  ['a proof without ath', 'dpop_token_hash_mismatch', 'dpop_token_hash_mismatch', 'dpop_token_hash_mismatch'],
  ['a proof for another URL', 'dpop_url_mismatch', 'dpop_url_mismatch', 'dpop_url_mismatch'],
  ['a proof for another method', 'dpop_method_mismatch', 'dpop_method_mismatch', 'dpop_method_mismatch'],
];

/** Bound to both: what one of the two proves does not make up for the other. */
const BOTH: readonly Row[] = [
  ['the right proof', undefined, 'certificate_thumbprint_mismatch', 'certificate_missing'],
  ['a proof with a wrong key', 'dpop_key_mismatch', 'certificate_thumbprint_mismatch', 'certificate_missing'],
  ['no proof', 'dpop_proof_missing', 'dpop_proof_missing', 'dpop_proof_missing'],
  ['a proof that was used', 'dpop_replayed', 'certificate_thumbprint_mismatch', 'certificate_missing'],
  ['a proof without ath', 'dpop_token_hash_mismatch', 'dpop_token_hash_mismatch', 'dpop_token_hash_mismatch'],
  ['a proof for another URL', 'dpop_url_mismatch', 'dpop_url_mismatch', 'dpop_url_mismatch'],
  ['a proof for another method', 'dpop_method_mismatch', 'dpop_method_mismatch', 'dpop_method_mismatch'],
];

/** Bound to a certificate alone: a proof beside it says that its sender believes in another binding. */
const CERTIFICATE_ALONE: readonly Row[] = (Object.keys(PROOFS) as (keyof typeof PROOFS)[])
  .filter((proof) => proof !== 'a proof that was used')
  .map((proof) =>
    proof === 'no proof'
      ? [proof, undefined, 'certificate_thumbprint_mismatch', 'certificate_missing']
      : [proof, 'dpop_proof_unexpected', 'dpop_proof_unexpected', 'dpop_proof_unexpected'],
  );

const cases = (bound: Bound, rows: readonly Row[]) =>
  rows.flatMap(([proof, ...reasons]) =>
    CERTIFICATES.map((shown, column) => ({ bound, proof, shown, reason: reasons[column] })),
  );

const MATRIX = [...cases('certificate', CERTIFICATE_ALONE), ...cases('key', KEY_ALONE), ...cases('both', BOTH)];

const CODES: Readonly<Record<string, string>> = {
  certificate_missing: 'invalid_token',
  certificate_thumbprint_mismatch: 'invalid_token',
  dpop_key_mismatch: 'invalid_token',
  dpop_proof_unexpected: 'invalid_request',
};

describe.each(MATRIX)('a token bound to $bound, with $shown and $proof', ({ bound, proof, shown, reason }) => {
  it(`is ${reason === undefined ? 'let in' : `refused: ${reason}`} [RFC8705-3] [RFC9449-7.1]`, async () => {
    const token = await tokenBoundTo(bound);
    const scheme = bound === 'certificate' ? 'Bearer' : 'DPoP';
    const dpop = await PROOFS[proof](token);
    const asked = verify(token, { authorization: [`${scheme} ${token}`], dpop, peer: peerOf(shown) });
    if (reason !== undefined) {
      await refused(asked, CODES[reason] ?? 'invalid_dpop_proof', reason);
      return;
    }
    const { confirmation } = await asked;
    expect(confirmation).toEqual(claimsOf(token)['cnf']);
    expect(events.at(-1)).toMatchObject({ outcome: 'allowed', client: 'first', subject: 'alice' });
    expect(JSON.stringify(events)).not.toMatch(/eyJ/);
  });
});

describe('the matrix', () => {
  it('has every combination once, and lets in no more than five', () => {
    expect(MATRIX).toHaveLength((6 + 7 + 7) * CERTIFICATES.length);
    expect(MATRIX.filter(({ reason }) => reason === undefined)).toHaveLength(1 + 3 + 1);
  });
});

describe('a confirmation is refused', () => {
  it.each([{ kid: 'key-1' }, { jkt: '' }, { jkt: 7 }, { jwk: {} }])(
    'with %j beside the right thumbprint: it asks for more than anybody here can check [FAPI2-SP-FINAL-5.3.4-5]',
    async (besides) => {
      const cnf = { 'x5t#S256': certificate, ...besides };
      const token = await f.engine.keys.sign('ES256', 'at+jwt', { ...claimsOf((await tokens(f)).access_token), cnf });
      for (const scheme of ['Bearer', 'DPoP']) {
        const asked = verify(token, { authorization: [`${scheme} ${token}`], peer: f.peers.first });
        await refused(asked, 'invalid_token', 'token_unconfirmed');
      }
    },
  );
});

describe('a scheme downgrade is refused', () => {
  it.each(['key', 'both'] as const)(
    'of a token bound to %s, with everything or nothing beside it [RFC9449-7.2]',
    async (bound) => {
      const token = await tokenBoundTo(bound);
      for (const dpop of [[], [proofFor(token)]]) {
        const asked = verify(token, { authorization: [`Bearer ${token}`], dpop, peer: f.peers.first });
        const error = await refused(asked, 'invalid_token', 'token_scheme_mismatch');
        expect([error.status, error.wwwAuthenticate]).toEqual([
          401,
          expect.stringMatching(
            /^Bearer error="invalid_token", .*, DPoP error="invalid_token", .*, algs="ES256 PS256 EdDSA"$/,
          ),
        ]);
      }
      await expect(verify(token, { dpop: [proofFor(token)], peer: f.peers.first })).resolves.toBeDefined();
    },
  );

  it('the other way round: a token bound to a certificate as DPoP [RFC9449-7.1]', async () => {
    const token = await tokenBoundTo('certificate');
    for (const dpop of [[], [proofFor(token)]]) {
      await refused(verify(token, { dpop, peer: f.peers.first }), 'invalid_token', 'token_scheme_mismatch');
    }
    const authorization = [`Bearer ${token}`];
    await expect(verify(token, { authorization, peer: f.peers.first })).resolves.toBeDefined();
  });

  it('of one token sent under both schemes [RFC9449-7.2]', async () => {
    const token = await tokenBoundTo('key');
    const authorization = [`Bearer ${token}`, `DPoP ${token}`];
    await refused(verify(token, { authorization, dpop: [proofFor(token)] }), 'invalid_request', 'token_repeated');
    await expect(verify(token, { authorization: [`dpop ${token}`], dpop: [proofFor(token)] })).resolves.toBeDefined();
  });
});

describe('a proof that was overheard is refused', () => {
  let token: string;
  beforeEach(async () => {
    token = await tokenBoundTo('key');
  });

  it('beside another token of the same key [RFC9449-4.3-12] [RS-30]', async () => {
    const other = await tokenBoundTo('both');
    const asked = verify(other, { dpop: [proofFor(token)], peer: f.peers.first });
    await refused(asked, 'invalid_dpop_proof', 'dpop_token_hash_mismatch');
  });

  it('once its nonce is over, however young it says it is; the refusal brings the next nonce [RFC9449-8] [RFC9449-9] [RS-31]', async () => {
    const inTwoMinutes = f.clock.now().getTime() / 1000 + 120;
    const proof = proofFor(token, { iat: inTwoMinutes });
    f.clock.advance(120);
    const error = await refused(verify(token, { dpop: [proof] }), 'use_dpop_nonce', 'dpop_nonce_wrong');
    expect(error.dpopNonce).toBe(f.engine.dpopNonces.issue(f.clock.now()));
    await expect(verify(token, { dpop: [proofFor(token)] })).resolves.toBeDefined();
  });

  it('when it was made ahead of time [FAPI2-SP-FINAL-5.3.2.1-13]', async () => {
    const proof = proofFor(token, { iat: f.clock.now().getTime() / 1000 + 50 });
    await refused(verify(token, { dpop: [proof] }), 'invalid_dpop_proof', 'dpop_iat_out_of_range');
  });

  it('at another server, although token and key are the same [RFC9449-4.3-9] [RS-29]', async () => {
    const proof = holder.prove(occasion(token, { url: `${ISSUER}/accounts` }));
    await refused(verify(token, { dpop: [proof] }), 'invalid_dpop_proof', 'dpop_url_mismatch');
  });

  it('fifty times at the same instant, but for one [RFC9449-11.1] [RS-27]', async () => {
    const dpop = [proofFor(token)];
    const tries = await Promise.allSettled(Array.from({ length: 50 }, () => verify(token, { dpop })));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(events.filter(({ reason }) => reason === 'dpop_replayed')).toHaveLength(49);
  });

  it('with both thumbprints in the audit trail when its key is another', async () => {
    const asked = verify(token, { dpop: [thief.prove(occasion(token))] });
    await refused(asked, 'invalid_token', 'dpop_key_mismatch');
    const presentedKeyThumbprint = await thief.thumbprint();
    expect(events.at(-1)?.evidence).toMatchObject({ expectedKeyThumbprint: jkt, presentedKeyThumbprint });
  });
});

describe('a proof', () => {
  it('counts for the path as it was sent, under each name of the server, whatever the query [RFC9449-4.3-9] [RS-29]', async () => {
    const token = await tokenBoundTo('key');
    const url = '/accounts/7/transactions?from=2026-01-01';
    for (const origin of [BANK, OTHER_NAME]) {
      const proof = holder.prove(occasion(token, { url: `${origin}/accounts/7/transactions` }));
      await expect(verify(token, { dpop: [proof], url })).resolves.toBeDefined();
    }
  });

  it('is not used up by a refusal: its owner may still send it on the right connection', async () => {
    const token = await tokenBoundTo('both');
    const dpop = [proofFor(token)];
    await refused(verify(token, { dpop, peer: f.peers.second }), 'invalid_token', 'certificate_thumbprint_mismatch');
    await expect(verify(token, { dpop, peer: f.peers.first })).resolves.toBeDefined();
  });

  it('needs no certificate, and a bad one beside it is not looked at: the token is bound to a key alone [RFC9449-7.1]', async () => {
    const token = await tokenBoundTo('key');
    const expired = f.pki.peer(f.pki.mint({ subject: 'CN=first', notAfter: new Date(f.clock.now().getTime() + 1000) }));
    f.clock.advance(30);
    await expect(verify(token, { dpop: [proofFor(token)], peer: expired })).resolves.toMatchObject({
      clientId: 'first',
    });
  });
});
