import { WEAK_CLIENT } from '../control-group/bearer/bearer-authorization-server.ts';
import { readFromLog } from '../control-group/bearer/bearer-stack.ts';
import { ALICE } from '../control-group/weak-customers.ts';
import type { RealStack } from '../real/real-stack.ts';
import type { Attack } from '../run/attack.ts';
import { PAGE_400 } from '../run/refusal.ts';
import type { Browser } from '../wire/browser.ts';
import { describeArrival, errorCodeOf, logInAndDecide, offers } from '../wire/browser.ts';
import { httpsCall } from '../wire/https-call.ts';
import { tokenIn } from './loot.ts';
import { asPage, beginLink } from './tidepool-visit.ts';

export const mixUp: Attack = {
  id: 'A11',
  slug: 'mix-up',
  title: { en: 'A code for the wrong bank', ja: '違う銀行に渡る認可コード' },
  story: {
    en: 'The fintech works with a bank of mine, too. I send Alice on to hers; if the fintech does not ask who answered, it brings me her code.',
    ja: 'フィンテックは私の銀行とも提携しています。私はアリスを彼女の銀行へ転送します。誰からの応答かを確かめなければ、フィンテックは彼女のコードを私に届けます。',
  },
  attacker: 'A1a',
  holds: { en: 'an authorization server that the fintech works with', ja: 'フィンテックが提携する認可サーバー' },
  clauses: ['FAPI2-SP-FINAL-5.3.2.2-7', 'FAPI2-SP-FINAL-5.3.3.2-5', 'RFC9207-2.4', 'RFC9700-4.4'],
  control: 'bearer',

  async onControl({ bearer, holds, steal }) {
    const { mixedUpFintech: fintech, thievingAuthorizationServer: thieving, authorizationServer: honest } = bearer;
    holds({ en: 'a bank in the fintech’s list', ja: 'フィンテックの一覧にある銀行' }, thieving.url);
    await steal({
      what: {
        en: 'Alice logs in at her own bank; the thief’s gets the code and redeems it',
        ja: 'アリスは自分の銀行でログインし、泥棒の銀行がコードを得て引き換える',
      },
      async act() {
        const alice = bearer.browser(
          ALICE.name,
          [fintech, thieving, honest].map(({ url }) => url),
        );
        await logInAndDecide(alice, await alice.open(`${fintech.url}/link?bank=thieving`), ALICE);
        return httpsCall(bearer.thief, {
          method: 'POST',
          url: `${honest.url}/token`,
          form: [
            ['client_id', WEAK_CLIENT],
            ['code', readFromLog(thieving, /[?&]code=([\w-]+)/)],
          ],
        });
      },
      proof: tokenIn,
    });
  },

  async onReal({ real, holds, attempt, unchanged, honest }) {
    holds({ en: 'the answer of the bank, on its way', ja: '銀行からの応答（配送途中）' }, 'code=…&state=…&iss=…');
    const alice = real.browser('Alice');
    const before = await real.audit.mark();
    for (const { variant, what, edit, reason } of MIXED_UP) {
      const callback = await answerFor(alice, real);
      edit(callback.searchParams);
      await attempt({
        variant,
        what,
        act: async () => asPage(await alice.open(callback.href)),
        refusedWith: [PAGE_400],
        reason,
      });
    }
    await unchanged(
      { en: 'no code was sent anywhere: nobody was asked for a token', ja: 'コードはどこにも送られていない' },
      async () => {
        const isRedemption = ({ action, line }: { action: string; line: string }): boolean =>
          action === 'token.authorization_code' && line.includes('"tidepool"');
        return (await real.audit.find(before, isRedemption)) && 'the fintech redeemed a code';
      },
    );
    await unchanged(
      { en: 'no account is linked in Alice’s browser', ja: 'アリスのブラウザでは何も連携されていない' },
      async () =>
        offers(await alice.open(`${real.fintechUrl}/`), 'link-bank') ? undefined : 'the app no longer offers to link',
    );
    await honest(
      { en: 'Alice links her bank, and its answer arrives as it was sent', ja: 'そのまま届いた応答で連携は完了する' },
      async () => {
        const end = await alice.open((await answerFor(alice, real)).href);
        if (errorCodeOf(end) !== undefined || offers(end, 'link-bank'))
          throw new Error(`Alice's own flow failed: ${describeArrival(end)}`);
        // She lets go again, so that the demonstration can be repeated on a clean slate.
        await alice.press(await alice.open(`${real.fintechUrl}/connection`), 'unlink-confirm');
        return end.exchange;
      },
    );
  },
};

const MIXED_UP: readonly {
  readonly variant: string;
  readonly what: { readonly en: string; readonly ja: string };
  readonly edit: (answer: URLSearchParams) => void;
  readonly reason: string;
}[] = [
  {
    variant: 'a',
    what: { en: 'as if it came from the thief’s bank', ja: '泥棒の銀行からの応答に見せる' },
    edit: (answer) => answer.set('iss', 'https://evil.invalid'),
    reason: 'issuer_mismatch',
  },
  {
    variant: 'b',
    what: { en: 'without saying where it comes from', ja: '発行者を書かない' },
    edit: (answer) => answer.delete('iss'),
    reason: 'issuer_missing',
  },
  {
    variant: 'c',
    what: { en: 'from both at once', ja: '発行者を二つ書く' },
    edit: (answer) => answer.append('iss', 'https://evil.invalid'),
    reason: 'parameter_repeated',
  },
  {
    variant: 'd',
    what: { en: 'from a name that is almost right: a slash', ja: 'ほぼ正しい名前：末尾スラッシュ' },
    edit: (answer) => answer.set('iss', `${answer.get('iss')}/`),
    reason: 'issuer_mismatch',
  },
  {
    variant: 'e',
    what: { en: 'from a name that is almost right: http', ja: 'ほぼ正しい名前：http' },
    edit: (answer) => answer.set('iss', (answer.get('iss') ?? '').replace('https', 'http')),
    reason: 'issuer_mismatch',
  },
];

/** Alice begins at the fintech and agrees at her bank; its answer, before the fintech has seen it. */
async function answerFor(alice: Browser, real: RealStack): Promise<URL> {
  const page = await beginLink(alice, real);
  const end = await logInAndDecide(alice.visiting(real.discovery.issuer), page, real.alice);
  if (end.kind !== 'sent-away') throw new Error(`the bank gave no answer: ${describeArrival(end)}`);
  return new URL(end.to);
}
