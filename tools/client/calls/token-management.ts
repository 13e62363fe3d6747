import { X509Certificate, createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as oauth from 'oauth4webapi';
import { judging } from '../library-refusal.ts';
import { Refused, RefusedByServer } from '../refusal.ts';
import { plain } from '../relying-party.ts';
import type { Party } from '../relying-party.ts';
import { Steps } from '../steps.ts';
import { refreshTokens } from './receive-tokens.ts';
import type { Granted } from './receive-tokens.ts';
import { callResource } from './use-token.ts';

/** Asks what the server knows of our token; it must know it as ours and as bound to our key. RFC7662-2.2. */
export function introspect(party: Party, { tokens }: Granted): Promise<void> {
  return party.steps.step('introspection', async (checked) => {
    const { server, client, auth } = party;
    const told = await judging('introspection', async () => {
      const response = await oauth.introspectionRequest(server, client, auth, tokens.access_token, plain(party));
      return oauth.processIntrospectionResponse(server, client, response);
    });
    if (!told.active) throw new Refused('introspection_inactive');
    if (told.client_id !== undefined && told.client_id !== client.client_id)
      throw new Refused('introspection_client_wrong');
    checked('active, and ours');
    if (told.cnf === undefined) return;
    await checkConfirmation(party, told.cnf);
    checked('bound to our key');
  });
}

/** RFC8705-3.2, RFC9449-6.2: a token that is bound to somebody else's key is somebody else's. */
async function checkConfirmation({ loaded, dpop }: Party, cnf: Record<string, unknown>): Promise<void> {
  const [name, own] =
    dpop === undefined
      ? ['x5t#S256', certificateThumbprint(loaded.identity?.certificate)]
      : ['jkt', await dpop.calculateThumbprint()];
  if (cnf[name] !== own) throw new Refused('introspection_cnf_wrong', { detail: name });
}

function certificateThumbprint(pem: string | undefined): string | undefined {
  return pem === undefined ? undefined : createHash('sha256').update(new X509Certificate(pem).raw).digest('base64url');
}

/** Withdraws what was granted. RFC7009-2.1. */
export function revoke(party: Party, { tokens }: Granted): Promise<void> {
  return party.steps.step('revocation', async (checked) => {
    const { server, client, auth } = party;
    const token = tokens.refresh_token ?? tokens.access_token;
    const hint = tokens.refresh_token === undefined ? 'access_token' : 'refresh_token';
    await judging('revocation', async () => {
      const options = { ...plain(party), additionalParameters: { token_type_hint: hint } };
      await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, auth, token, options));
    });
    checked(`of the ${hint.replace('_', ' ')}`);
  });
}

// The bank hears of a revocation within two seconds.
const HEARD_WITHIN = 2_500;
const ASK_EVERY = 250;

/**
 * What was withdrawn brings no tokens any more. RFC7009-2.1: an access token that is out may live until it expires; which
 * of the two happens is told.
 */
export function checkRevoked(party: Party, granted: Granted): Promise<void> {
  return party.steps.step('after the revocation', async (checked) => {
    const quiet = { ...party, steps: new Steps() };
    if (granted.tokens.refresh_token !== undefined) {
      const code = await refusalOf(() => refreshTokens(quiet, granted));
      if (code !== 'invalid_grant') throw new Refused('revoked_token_alive', { detail: code });
      checked('no refresh');
    }
    const until = performance.now() + HEARD_WITHIN;
    let refused = await refusalOf(() => callResource(quiet, granted));
    while (refused === undefined && performance.now() < until) {
      await sleep(ASK_EVERY);
      refused = await refusalOf(() => callResource(quiet, granted));
    }
    checked(
      refused === undefined ? 'the resource serves until the token expires' : `the resource refuses (${refused})`,
    );
  });
}

/** With which code the server refuses; undefined when it does not. */
async function refusalOf(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof RefusedByServer) return error.code;
    throw error;
  }
}
