import { authorize } from '../calls/authorize.ts';
import { discover } from '../calls/discover.ts';
import { newAttempt, pushRequest } from '../calls/push-request.ts';
import type { Attempt } from '../calls/push-request.ts';
import { readAnswer } from '../calls/read-answer.ts';
import { redeemCode } from '../calls/receive-tokens.ts';
import type { Granted } from '../calls/receive-tokens.ts';
import { callResource, readUserinfo } from '../calls/use-token.ts';
import { isOpenId } from '../client-file.ts';
import type { Party, RelyingParty } from '../relying-party.ts';

/** From nothing to tokens, through a person's browser. FAPI2-SP-FINAL-5.3.3.2, FAPI1-ADV-5.2.3. */
export async function grantByCode(
  us: RelyingParty,
  request: Pick<Attempt, 'responseType' | 'responseMode'>,
): Promise<{ party: Party; granted: Granted }> {
  const party = await discover(us);
  const attempt = newAttempt({ ...request, redirectUri: us.file.redirect_uri ?? '' });
  const requestUri = await pushRequest(party, attempt);
  const answer = await authorize(party, requestUri, attempt.redirectUri);
  const judged = await readAnswer(party, attempt, answer);
  return { party, granted: await redeemCode(party, attempt, judged) };
}

/** The answer is a code, plain or signed. */
export const byCode = (us: RelyingParty) =>
  grantByCode(us, { responseType: 'code', responseMode: us.file.response_mode });

/** The whole flow: discovery, request, person, tokens, who it was, the resource. */
export async function codeFlow(us: RelyingParty): Promise<void> {
  const { party, granted } = await byCode(us);
  await spend(party, granted);
}

/** OIDC-CORE-3.3, FAPI1-ADV-5.2.2-2: the answer is a code and an ID token that signs for it. */
export async function hybridFlow(us: RelyingParty): Promise<void> {
  const responseMode = us.file.response_mode === 'form_post' ? 'form_post' : undefined;
  const { party, granted } = await grantByCode(us, { responseType: 'code id_token', responseMode });
  await spend(party, granted);
}

/** What tokens are for. */
export async function spend(party: Party, granted: Granted): Promise<void> {
  if (isOpenId(party.file.scope) && party.server.userinfo_endpoint !== undefined) await readUserinfo(party, granted);
  await callResource(party, granted);
}
