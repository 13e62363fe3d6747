import { WEAK_CLIENT } from '../control-group/bearer/bearer-authorization-server.ts';
import { ALICE } from '../control-group/weak-customers.ts';
import type { LabClient } from '../real/lab-client.ts';
import { accountInformation } from '../real/lab-client.ts';
import type { RealStack } from '../real/real-stack.ts';
import type { Attack } from '../run/attack.ts';
import { IAD, PAGE_400, WITHOUT_EFFECT } from '../run/refusal.ts';
import type { Text } from '../run/text.ts';
import type { Arrival, Browser, Person } from '../wire/browser.ts';
import { describeArrival, offers } from '../wire/browser.ts';
import type { Exchange, Field } from '../wire/https-call.ts';
import { httpsCall, jsonOf } from '../wire/https-call.ts';
import { Secret } from '../wire/secret.ts';
import { asPage } from './tidepool-visit.ts';

export const detailsTampered: Attack = {
  id: 'A17',
  slug: 'rar-tamper',
  title: { en: 'More than was on the page', ja: '画面に出た以上の許可' },
  story: {
    en: 'Alice agrees to what the page shows. I change the form behind it, then ask for more at every later step.',
    ja: 'アリスは画面に出た内容に同意します。私はその裏のフォームを書き換え、その後のすべての段階でもっと多くを求めます。',
  },
  attacker: 'registered client, user agent',
  holds: { en: "Alice's consent to see her accounts", ja: '口座一覧の閲覧についてのアリスの同意' },
  clauses: ['FAPI2-SP-FINAL-5.3.2.2-13', 'RFC9396-5', 'RFC9396-6', 'RFC9396-7'],
  control: 'bearer',

  async onControl({ bearer, holds, steal }) {
    const query = new URLSearchParams({ response_type: 'code', client_id: WEAK_CLIENT, scope: 'balances' });
    query.set('redirect_uri', `${bearer.fintech.url}/callback`);
    holds({ en: 'a page that asks for balances', ja: '残高の許可を求めるページ' }, 'scope=balances');
    await steal({
      what: { en: 'its hidden field edited: payments are granted', ja: '隠しフィールドを変更：送金まで許可される' },
      async act() {
        const alice = bearer.browser('Alice', [bearer.authorizationServer.url]);
        const page = await alice.open(`${bearer.authorizationServer.url}/authorize?${query}`);
        const edit = (fields: readonly Field[]) => [
          ...without(fields, 'scope'),
          ['scope', 'balances payments'] as const,
        ];
        const end = await alice.press(page, 'submit-login', typedBy(ALICE), edit);
        const code = new Secret((end.kind === 'sent-away' && end.to.searchParams.get('code')) || '');
        return httpsCall(bearer.thief, {
          method: 'POST',
          url: `${bearer.authorizationServer.url}/token`,
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
    const { real, holds, attempt, unchanged, honest } = stage;
    const { first } = real;
    const browser = first.browserOf(real.alice);
    const verifier = first.newVerifier();
    const pushed = await pushDetails(real, narrow(real), verifier);
    const page = await atConsent(browser, first, String(jsonOf(pushed)['request_uri']), real.alice);
    holds({ en: 'the page that asks whether accounts may be listed', ja: '口座一覧の許可を求めるページ' });

    for (const { variant, what, edit, reason } of EDITS)
      await attempt({
        variant,
        what,
        act: async () => asPage(await browser.press(page, 'consent-approve', new Map(), edit)),
        refusedWith: [PAGE_400],
        reason,
      });
    for (const { variant, what, details, reason } of wishes(real))
      await attempt({
        variant,
        what,
        act: () => pushDetails(real, details),
        refusedWith: [IAD],
        reason,
      });

    const end = await browser.press(page, 'consent-approve', new Map(), (fields) => [...fields, ...EXTRA]);
    const code = first.keep((end.kind === 'sent-away' && end.to.searchParams.get('code')) || '');
    const approved = { code, verifier };
    await attempt({
      variant: 'h',
      what: { en: 'the same approval a second time', ja: '同じ承認をもう一度送る' },
      act: async () => asPage(await browser.press(page, 'consent-approve')),
      refusedWith: [PAGE_400],
      reason: 'request_uri_used',
    });
    const more: Field = ['authorization_details', JSON.stringify(accountInformation(real.bankUrl))];
    await attempt({
      variant: 'i',
      what: { en: 'the code, redeemed for more', ja: 'より多くを求めてコードを引き換える' },
      act: () => first.askForToken([...first.redemption(approved), more]),
      refusedWith: [IAD],
      reason: 'authorization_details_widened',
    });
    const redeemed = await honest(
      { en: 'the code, redeemed for what was agreed to', ja: '同意した範囲でコードを引き換える' },
      () => first.redeem(approved),
    );
    const link = first.linkFrom(redeemed);
    await attempt({
      variant: 'j',
      what: { en: 'fields added to the approval', ja: '承認フォームに項目を追加' },
      act: async () => grantedBy(redeemed),
      refusedWith: [WITHOUT_EFFECT],
    });
    const refresh: readonly Field[] = [
      ['grant_type', 'refresh_token'],
      ['client_id', first.clientId],
      ['refresh_token', link.refreshToken],
    ];
    await attempt({
      variant: 'k',
      what: { en: 'the refresh token, used for more', ja: 'リフレッシュトークンでより多くを求める' },
      act: () => first.askForToken([...refresh, more]),
      refusedWith: [IAD],
      reason: 'authorization_details_widened',
    });
    const read = await honest({ en: 'the client lists the accounts, as agreed', ja: '同意どおり口座一覧を読む' }, () =>
      first.readAccounts(link.accessToken),
    );
    await unchanged({ en: 'it sees no balance, as agreed', ja: '同意どおり残高は見えない' }, async () =>
      /"balance"/.test(read.body) ? 'balances are in the answer' : undefined,
    );
  },
};

const EXTRA: readonly Field[] = [
  ['authorization_details', JSON.stringify([{ type: 'account_information', actions: ['read_transactions'] }])],
  ['actions', 'read_balances'],
  ['amount', '9999.00'],
  ['scope', 'openid profile'],
];

const EDITS = [
  {
    variant: 'a',
    what: { en: 'another page’s fingerprint in the form', ja: '別画面の指紋をフォームに入れる' },
    edit: (fields: readonly Field[]): readonly Field[] => [...without(fields, 'shown'), ['shown', 'A'.repeat(43)]],
    reason: 'consent_changed',
  },
  {
    variant: 'b',
    what: { en: 'an account that was not on the page', ja: '画面になかった口座を加える' },
    edit: (fields: readonly Field[]): readonly Field[] => [...fields, ['account', 'account-of-bob']],
    reason: 'consent_selection_invalid',
  },
] as const;

interface Wish {
  readonly variant: string;
  readonly what: Text;
  readonly details: readonly object[];
  readonly reason: string;
}

/** Requests that want to name by themselves what only a consent can name, or what nobody knows. */
function wishes({ bankUrl }: RealStack): readonly Wish[] {
  const [detail = {}] = accountInformation(bankUrl);
  const malformed = 'authorization_details_malformed';
  return [
    {
      variant: 'c',
      what: { en: 'a request with somebody’s consent id', ja: '他人の同意IDを付けたリクエスト' },
      details: [{ ...detail, consent_id: 'consent-of-bob' }],
      reason: malformed,
    },
    {
      variant: 'd',
      what: { en: 'a request for accounts: [], meaning all?', ja: 'accounts: [] を「全部」のつもりで求める' },
      details: [{ ...detail, accounts: [] }],
      reason: malformed,
    },
    {
      variant: 'e',
      what: { en: 'a request for an unknown action', ja: '未知の操作を求める' },
      details: [{ ...detail, actions: ['make_payments'] }],
      reason: malformed,
    },
    {
      variant: 'f',
      what: { en: 'a request of one type twice', ja: '同じ種別を二度求める' },
      details: [detail, detail],
      reason: malformed,
    },
    {
      variant: 'g',
      what: { en: 'a request of an unknown type', ja: '未知の種別を求める' },
      details: [{ ...detail, type: 'payment_initiation' }],
      reason: 'authorization_details_type_unsupported',
    },
  ];
}

const narrow = ({ bankUrl }: RealStack): readonly object[] => accountInformation(bankUrl, ['list_accounts']);

const typedBy = ({ login, password }: Person): ReadonlyMap<string, string> =>
  new Map([
    ['login', login],
    ['password', password],
  ]);

const without = (fields: readonly Field[], name: string): readonly Field[] => fields.filter(([each]) => each !== name);

async function atConsent(browser: Browser, client: LabClient, requestUri: string, person: Person): Promise<Arrival> {
  const login = await browser.open(client.authorizeUrl(requestUri));
  const page = await browser.press(login, 'submit-login', typedBy(person));
  if (!offers(page, 'consent-approve')) throw new Error(`nobody asks Alice: ${describeArrival(page)}`);
  return page;
}

function pushDetails(
  { first, discovery }: RealStack,
  details: readonly object[],
  verifier = first.newVerifier(),
): Promise<Exchange> {
  const form = without(first.authorizationRequest(verifier, 'details'), 'authorization_details');
  return first.call(discovery.mtls.par, [...form, ['authorization_details', JSON.stringify(details)]]);
}

/** What the token says that was issued after the form had been edited. */
function grantedBy(redeemed: Exchange): Exchange {
  const { scope = 'openid', authorization_details: details } = jsonOf(redeemed);
  const [detail] = (details ?? []) as readonly { actions?: readonly string[] }[];
  const asShown = scope === 'openid' && JSON.stringify(detail?.actions) === '["list_accounts"]';
  const what = asShown ? 'no effect: what was shown was granted' : 'more was granted than was shown';
  return { ...redeemed, answer: { kind: 'seen', refused: asShown, what } };
}
