import { WEAK_CLIENT } from '../control-group/bearer/bearer-authorization-server.ts';
import { ALICE } from '../control-group/weak-customers.ts';
import type { LabClient, Pushed } from '../real/lab-client.ts';
import { challengeOf } from '../real/lab-client.ts';
import type { RealStack } from '../real/real-stack.ts';
import type { Attack } from '../run/attack.ts';
import { IR, WITHOUT_EFFECT } from '../run/refusal.ts';
import type { Arrival } from '../wire/browser.ts';
import { describeArrival, errorCodeOf, logInAndDecide } from '../wire/browser.ts';
import type { Exchange } from '../wire/https-call.ts';
import { httpsCall, jsonOf } from '../wire/https-call.ts';
import { Secret } from '../wire/secret.ts';
import { readableText } from '../wire/html-form.ts';
import { linkAlice, ownerIsServed } from './victim.ts';

const EVIL = 'https://evil.invalid/collect';

export const frontChannelOverride: Attack = {
  id: 'A02',
  slug: 'front-channel-override',
  title: { en: 'Editing the address bar', ja: 'アドレスバーの書き換え' },
  story: {
    en: 'I edit the address bar and ask for more than the fintech did. There is nothing to edit.',
    ja: 'アドレスバーを書き換えて、フィンテックより多くを要求します。しかし書き換えられるものがありません。',
  },
  attacker: 'A3a, user',
  holds: { en: "the link to Alice's login page, before she opens it", ja: 'アリスが開く前のログインページのリンク' },
  clauses: ['FAPI2-SP-FINAL-5.3.3.2-6', 'RFC9126-4'],
  control: 'bearer',

  async onControl({ bearer, holds, steal }) {
    const request = new URLSearchParams({ response_type: 'code', client_id: WEAK_CLIENT, scope: 'balances' });
    request.set('redirect_uri', `${bearer.fintech.url}/callback`);
    const edited = async (changes: Record<string, string>) => {
      const url = new URL(`${bearer.authorizationServer.url}/authorize?${request}`);
      for (const [name, value] of Object.entries(changes)) url.searchParams.set(name, value);
      const alice = bearer.browser('Alice', [bearer.authorizationServer.url]);
      return logInAndDecide(alice, await alice.open(url.href), ALICE);
    };
    const codeIn = (arrival: Arrival) =>
      new Secret((arrival.kind === 'sent-away' && arrival.to.searchParams.get('code')) || '');
    holds(
      { en: 'an authorization request in a URL', ja: 'URLに書かれた認可リクエスト' },
      '/authorize?scope=balances&…',
    );

    await steal({
      variant: 'a',
      what: { en: 'redirect_uri edited: the code goes to the thief', ja: 'redirect_uriを変更：コードは泥棒へ' },
      act: async () => (await edited({ redirect_uri: EVIL })).exchange,
      proof: ({ headers }) =>
        headers.get('location')?.startsWith(`${EVIL}?code=`) ? `code sent to ${EVIL}` : undefined,
    });
    await steal({
      variant: 'b',
      what: { en: 'scope edited: payments are granted as well', ja: 'scopeを変更：送金まで許可される' },
      async act() {
        const code = codeIn(await edited({ scope: 'balances payments' }));
        const url = `${bearer.authorizationServer.url}/token`;
        return httpsCall(bearer.thief, {
          method: 'POST',
          url,
          form: [
            ['client_id', WEAK_CLIENT],
            ['code', code],
          ],
        });
      },
      proof: (exchange) => (jsonOf(exchange)['scope'] === 'balances payments' ? 'a token for payments' : undefined),
    });
  },

  async onReal(stage) {
    const { real, attempt } = stage;
    const victim = await linkAlice(stage);
    const stolenVerifier = real.first.newVerifier();
    for (const { variant, what, changes } of edits(challengeOf(stolenVerifier))) {
      await attempt({
        variant,
        what,
        act: () => approveEdited(real, changes),
        refusedWith: [WITHOUT_EFFECT, IR],
      });
    }
    await ownerIsServed(stage, victim);
  },
};

function edits(challenge: string) {
  const everything = [{ type: 'account_information', actions: ['list_accounts', 'make_payments'], amount: '9999.00' }];
  return [
    {
      variant: 'a',
      what: { en: 'redirect_uri and state added', ja: 'redirect_uriとstateを追加' },
      changes: { redirect_uri: EVIL, state: 'written-by-the-attacker' },
    },
    {
      variant: 'b',
      what: { en: 'scope and authorization_details added', ja: 'scopeとauthorization_detailsを追加' },
      changes: { scope: 'openid profile', authorization_details: JSON.stringify(everything), amount: '9999.00' },
    },
    {
      variant: 'c',
      what: { en: 'an own code_challenge added', ja: '自分のcode_challengeを追加' },
      changes: { code_challenge: challenge, code_challenge_method: 'S256', response_mode: 'fragment' },
    },
  ];
}

/** Alice opens the edited link, sees what she sees, approves, and the honest client redeems. What came of the edits? */
async function approveEdited(real: RealStack, changes: Readonly<Record<string, string>>): Promise<Exchange> {
  const { first, alice } = real;
  const pushed = await first.push();
  const edited = new URL(first.authorizeUrl(pushed.requestUri));
  for (const [name, value] of Object.entries(changes)) edited.searchParams.set(name, value);
  const browser = first.browserOf(alice);
  const page = await browser.open(edited.href);
  // A local error page is a fine answer too; it is judged like any other.
  if (errorCodeOf(page) !== undefined) return page.exchange;
  const end = await logInAndDecide(browser, page, alice);
  const effect = (await effectOf(first, pushed, page, end)) ?? undefined;
  const what = effect ?? 'no effect: what was pushed was shown, granted and sent back';
  const form = Object.entries(changes).map(([name, value]) => `${name}=${value}`);
  const sent = { ...page.exchange.sent, line: `GET ${edited.origin}${edited.pathname}`, form };
  return { ...end.exchange, sent, answer: { kind: 'seen', refused: effect === undefined, what } };
}

/** Looks for the attacker's values wherever they could have come through; returns the first that did. */
async function effectOf(first: LabClient, pushed: Pushed, page: Arrival, end: Arrival): Promise<string | undefined> {
  if (page.kind === 'page' && /evil\.invalid|9999/.test(readableText(page.exchange.body))) return 'the page shows them';
  if (end.kind !== 'sent-away') throw new Error(`no redirect came: ${describeArrival(end)}`);
  if (end.to.origin + end.to.pathname !== first.redirectUri) return `the code went to ${end.to.origin}`;
  if (end.to.searchParams.get('state') !== pushed.state || end.to.hash !== '') return 'the response was changed';
  const code = first.keep(end.to.searchParams.get('code') ?? '');
  const redeemed = await first.redeem({ code, verifier: pushed.verifier });
  if (redeemed.status !== 200) return 'the honest verifier no longer redeems the code';
  first.linkFrom(redeemed);
  const { scope = 'openid', authorization_details: details } = jsonOf(redeemed);
  if (scope !== 'openid') return `the token has the scope ${String(scope)}`;
  return JSON.stringify(details).includes('make_payments') ? 'the token may make payments' : undefined;
}
