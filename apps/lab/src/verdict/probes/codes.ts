import { setTimeout as pause } from 'node:timers/promises';
import type { Exchange } from '../../wire/https-call.ts';
import { describeAnswer } from '../../wire/wire-answer.ts';
import { accountInformation } from '../../real/lab-client.ts';
import { answered, askBank, changed, codeOf, redeem, tokens } from '../flow.ts';
import type { Probe, Seen } from '../probe.ts';
import { all, probe, seen } from '../probe.ts';
import { refusedWith, succeeded } from '../sights.ts';
import type { VerdictWorld } from '../verdict-world.ts';

const AT_ONCE = 8;
/** RS-21: within two seconds. */
const REVOCATION_MS = 2_000;

/** What a code and a refresh token are exchanged for, and when not. */
export const codeProbes: readonly Probe[] = [
  probe('TOK-15', '400 invalid_grant for both', async (world) => {
    const [wrong, missing] = [await answered(world), await answered(world)];
    return all(
      refusedWith(await redeem(wrong, { code_verifier: world.client.newVerifier() }), 400, 'invalid_grant'),
      refusedWith(await redeem(missing, { code_verifier: undefined }), 400, 'invalid_grant'),
      await redeemable(world),
    );
  }),
  probe('TOK-16', '400 invalid_grant for the other, then 200 for its owner', async (world) => {
    const answer = await answered(world);
    const redemption = world.client.redemption({ code: codeOf(answer), verifier: answer.verifier });
    const foreign = await world.stranger.askForToken(changed(redemption, { client_id: world.stranger.clientId }));
    return all(refusedWith(foreign, 400, 'invalid_grant'), kept(world, await redeem(answer)));
  }),
  probe('TOK-18', '200, then 400 invalid_grant', async (world) => {
    const answer = await answered(world);
    return all(kept(world, await redeem(answer)), refusedWith(await redeem(answer), 400, 'invalid_grant'));
  }),
  probe('TOK-19', '400 invalid_grant for the other, then 200 for its owner', async (world) => {
    const { refreshToken } = await tokens(world);
    const foreign = await world.stranger.refresh(refreshToken);
    return all(refusedWith(foreign, 400, 'invalid_grant'), succeeded(await world.client.refresh(refreshToken)));
  }),
  probe(
    'TOK-20',
    '400 for the second use; then 401 for the access token and 400 for the refresh token',
    async (world) => {
      const answer = await answered(world);
      const first = await redeem(answer);
      const { accessToken, refreshToken } = world.client.linkFrom(first);
      const before = await askBank(world, accessToken);
      const second = await redeem(answer);
      await pause(REVOCATION_MS);
      return all(
        succeeded(before),
        refusedWith(second, 400, 'invalid_grant'),
        refusedWith(await askBank(world, accessToken), 401, 'invalid_token'),
        refusedWith(await world.client.refresh(refreshToken), 400, 'invalid_grant'),
      );
    },
  ),
  probe('TOK-21', `one 200 of ${AT_ONCE}, and 400 invalid_grant for the rest`, async (world) => {
    const answer = await answered(world);
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => redeem(answer)));
    const winners = answers.filter(({ status }) => status === 200);
    const losers = answers
      .filter(({ status }) => status !== 200)
      .map((each) => refusedWith(each, 400, 'invalid_grant'));
    return all(seen(winners.length === 1, `${winners.length} × 200`), ...losers);
  }),
  probe('TOK-30', 'the same refresh token works twice, and none or the same comes back', async (world) => {
    const { refreshToken } = await tokens(world);
    const [one, two] = [await world.client.refresh(refreshToken), await world.client.refresh(refreshToken)];
    const others = [one, two].filter(({ body }) => {
      const given = (JSON.parse(body) as { refresh_token?: string }).refresh_token;
      return given !== undefined && given !== refreshToken.reveal();
    });
    return all(succeeded(one), succeeded(two), seen(others.length === 0, `${others.length} new refresh tokens`));
  }),
  probe('TOK-46', 'the one action that was approved', async (world) => {
    const granted = await tokens(world, oneAction(world));
    const text = JSON.stringify(granted.response['authorization_details']);
    const held = text.includes('list_accounts') && !/read_balances|read_transactions/.test(text);
    return seen(held, held ? 'list_accounts alone' : 'more than that');
  }),
  probe('TOK-47', '400 invalid_authorization_details', async (world) => {
    const answer = await answered(world, oneAction(world));
    const more = JSON.stringify(accountInformation(world.real.bankUrl));
    return all(
      refusedWith(await redeem(answer, { authorization_details: more }), 400, 'invalid_authorization_details'),
      await redeemable(world),
    );
  }),
  probe('TOK-48', '400 for a scope and for details that were not granted, 200 without them', async (world) => {
    const { refreshToken } = await tokens(world, oneAction(world));
    const ask = (changes: Record<string, string>): Promise<Exchange> =>
      world.client.askForToken([
        ['grant_type', 'refresh_token'],
        ['client_id', world.client.clientId],
        ['refresh_token', refreshToken],
        ...Object.entries(changes),
      ]);
    const more = JSON.stringify(accountInformation(world.real.bankUrl));
    return all(
      refusedWith(await ask({ scope: 'openid profile' }), 400, 'invalid_scope'),
      refusedWith(await ask({ authorization_details: more }), 400, 'invalid_authorization_details'),
      succeeded(await ask({})),
    );
  }),
];

/** A request for one action of the three. */
const oneAction = (world: VerdictWorld) => ({
  authorization_details: JSON.stringify(accountInformation(world.real.bankUrl, ['list_accounts'])),
});

/** A redemption that worked: its grant is given back at the end. */
function kept(world: VerdictWorld, exchange: Exchange): Seen {
  if (exchange.status === 200) world.client.linkFrom(exchange);
  return seen(exchange.status === 200, describeAnswer(exchange.answer));
}

/** A refusal says something only when the honest redemption works. */
async function redeemable(world: VerdictWorld): Promise<Seen> {
  return kept(world, await redeem(await answered(world)));
}
