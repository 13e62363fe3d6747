import { readFromLog } from '../control-group/bearer/bearer-stack.ts';
import { WEAK_CLIENT } from '../control-group/bearer/bearer-authorization-server.ts';
import { ALICE } from '../control-group/weak-customers.ts';
import type { RealStack } from '../real/real-stack.ts';
import type { Attack } from '../run/attack.ts';
import { IG, R401 } from '../run/refusal.ts';
import type { Arrival, Browser } from '../wire/browser.ts';
import { describeArrival, offers } from '../wire/browser.ts';
import { httpsCall } from '../wire/https-call.ts';
import { bearer as bearerHeader } from '../wire/secret.ts';
import { balanceOf } from './loot.ts';
import { untilRefused } from './until-refused.ts';
import { linkAlice, ownerIsServed } from './victim.ts';

export const revokedToken: Attack = {
  id: 'T17',
  slug: 'revoked-token',
  title: { en: 'The fintech that does not let go', ja: '手を放さないフィンテック' },
  story: {
    en: 'Alice takes her consent back. The fintech has its certificate, and its token is good for minutes yet, so it goes on calling.',
    ja: 'アリスは同意を取り消しました。しかしフィンテックには証明書があり、トークンはまだ数分有効です。そのまま呼び出しを続けます。',
  },
  attacker: 'registered client',
  holds: { en: 'its own certificate and an unexpired token', ja: '自分の証明書と、期限内のトークン' },
  clauses: ['FAPI2-SP-FINAL-5.3.4-3', 'RFC7009-2', 'RFC6749-1.5'],
  control: 'bearer',

  async onControl({ bearer, holds, steal }) {
    await bearer.aliceUsesTheFintech();
    const refreshToken = readFromLog(bearer.authorizationServer, /[?&]refresh_token=([\w-]+)/);
    const token = readFromLog(bearer.bank, /Bearer ([\w-]+)/);
    holds({ en: 'the fintech’s access token', ja: 'フィンテックのアクセストークン' }, token);
    await steal({
      what: { en: 'used after Alice ended the connection', ja: 'アリスが連携を解除した後に使う' },
      async act() {
        await httpsCall(bearer.thief, {
          method: 'POST',
          url: `${bearer.authorizationServer.url}/revoke`,
          form: [
            ['client_id', WEAK_CLIENT],
            ['token', refreshToken],
          ],
        });
        const read = { method: 'GET', url: `${bearer.bank.url}/accounts`, headers: [bearerHeader(token)] } as const;
        return httpsCall(bearer.thief, read);
      },
      proof: balanceOf(ALICE),
    });
  },

  async onReal(stage) {
    const { real, holds, attempt } = stage;
    const { first } = real;
    const untouched = await linkAlice(stage);
    const alice = first.browserOf(real.alice);
    const before = withdrawals(await connections(real, alice));
    const link = await first.link(real.alice);
    if ((await first.readAccounts(link.accessToken)).status !== 200) throw new Error('the token was never good');
    holds({ en: 'the token of the second connection', ja: '二つ目の連携のトークン' }, link.accessToken);
    await withdraw(alice, await connections(real, alice), before);

    await attempt({
      variant: 'a',
      what: { en: 'the access token, within five seconds', ja: 'アクセストークン（5秒以内）' },
      act: () => untilRefused(() => first.readAccounts(link.accessToken)),
      refusedWith: [R401],
      reason: 'token_revoked',
    });
    await attempt({
      variant: 'b',
      what: { en: 'the refresh token', ja: 'リフレッシュトークン' },
      act: () => first.refresh(link.refreshToken),
      refusedWith: [IG],
      reason: 'grant_revoked',
    });
    // The other connection is another consent, and she did not take that one back.
    await ownerIsServed(stage, untouched);
  },
};

/** Alice's page of connected apps. */
async function connections(real: RealStack, alice: Browser): Promise<Arrival> {
  const page = await alice.open(`${real.discovery.issuer}/grants`);
  if (!offers(page, 'submit-login')) return page;
  const typed = new Map([
    ['login', real.alice.login],
    ['password', real.alice.password],
  ]);
  return alice.press(page, 'submit-login', typed);
}

const withdrawals = ({ exchange }: Arrival): readonly string[] =>
  [...exchange.body.matchAll(/href="(\/grants\/[^"]+\/withdraw)"/g)].map(([, path = '']) => path);

/** Ends the one connection that was not there before. */
async function withdraw(alice: Browser, page: Arrival, before: readonly string[]): Promise<void> {
  const [added, ...more] = withdrawals(page).filter((path) => !before.includes(path));
  if (page.kind !== 'page' || added === undefined || more.length > 0)
    throw new Error(`Alice does not see the new connection: ${describeArrival(page)}`);
  const end = await alice.press(await alice.open(new URL(added, page.url).href), 'withdraw-confirm');
  if (!end.exchange.body.includes('id="withdrawn"')) throw new Error(`not withdrawn: ${describeArrival(end)}`);
}
