import { ALICE, MALLORY } from '../control-group/weak-customers.ts';
import type { RealStack } from '../real/real-stack.ts';
import type { Attack } from '../run/attack.ts';
import { PAGE_400 } from '../run/refusal.ts';
import type { Arrival } from '../wire/browser.ts';
import { describeArrival, errorCodeOf, logInAndDecide, offers } from '../wire/browser.ts';
import { asPage, beginLink } from './tidepool-visit.ts';

export const codeInjection: Attack = {
  id: 'A13',
  slug: 'csrf-code-injection',
  title: { en: 'Mallory’s code in Alice’s browser', ja: 'アリスのブラウザにマロリーのコード' },
  story: {
    en: 'Mallory stops at the last redirect and sends it to Alice. If the app takes it, Alice works on Mallory’s account without noticing.',
    ja: 'マロリーは最後のリダイレクトを止めてアリスに送ります。アプリが受け入れると、アリスは気づかずマロリーの口座を使います。',
  },
  attacker: 'A1',
  holds: { en: 'a callback address with Mallory’s own code', ja: 'マロリー自身のコードが入ったコールバックURL' },
  clauses: ['FAPI2-SP-FINAL-5.3.3.1-12', 'FAPI2-SP-FINAL-5.3.3.2-4', 'RFC9700-4.7', 'RFC6749-10.12'],
  control: 'bearer',

  async onControl({ bearer, holds, steal }) {
    // Mallory's browser may visit the authorization server only, so it stops where the code is handed to the fintech.
    const issuer = bearer.authorizationServer.url;
    const mallory = bearer.browser('Mallory', [issuer, bearer.fintech.url]);
    const login = await mallory.open(`${bearer.fintech.url}/link`);
    const trap = callbackOf(await logInAndDecide(mallory.visiting(issuer), login, MALLORY));
    holds({ en: 'the callback Mallory did not follow', ja: 'マロリーが開かなかったコールバック' }, withoutQuery(trap));
    await steal({
      what: {
        en: 'Alice opens it; her app is now linked to Mallory',
        ja: 'アリスが開くと、アプリはマロリーの口座に連携される',
      },
      act: async () => (await bearer.browser(ALICE.name).open(trap)).exchange,
      proof: ({ body }) => (body.includes(MALLORY.accountId) ? `Alice's app shows ${MALLORY.accountId}` : undefined),
    });
  },

  async onReal({ real, holds, attempt, unchanged, honest }) {
    const trap = await trapOf(real);
    holds({ en: 'the callback Mallory did not follow', ja: 'マロリーが開かなかったコールバック' }, withoutQuery(trap));

    await attempt({
      variant: 'a',
      what: { en: 'Alice opens it in a browser that began nothing', ja: '何も始めていないブラウザで開く' },
      act: async () => asPage(await real.browser('Alice').open(trap)),
      refusedWith: [PAGE_400],
      reason: 'session_missing',
    });
    const alice = real.browser('Alice');
    const login = await beginLink(alice, real);
    await attempt({
      variant: 'b',
      what: { en: 'Alice opens it while she is linking her own bank', ja: '自分の銀行を連携している最中に開く' },
      act: async () => asPage(await alice.open(trap)),
      refusedWith: [PAGE_400],
      reason: 'flow_not_started_in_this_browser',
    });
    await attempt({
      variant: 'c',
      what: { en: 'the same without a state', ja: 'stateなしで同じことを試す' },
      act: async () => asPage(await alice.open(withoutState(trap))),
      refusedWith: [PAGE_400],
      reason: 'state_missing',
    });
    await unchanged(
      { en: 'no account is linked in Alice’s browser', ja: 'アリスのブラウザでは何も連携されていない' },
      async () => {
        const page = await alice.open(`${real.fintechUrl}/`);
        return offers(page, 'link-bank') ? undefined : 'the app no longer offers to link a bank';
      },
    );
    await honest(
      { en: 'Alice finishes what she began herself', ja: 'アリスは自分が始めた連携を完了する' },
      async () => {
        const end = await logInAndDecide(alice, login, real.alice);
        if (end.kind !== 'page' || errorCodeOf(end) !== undefined || offers(end, 'link-bank'))
          throw new Error(`Alice's own flow failed: ${describeArrival(end)}`);
        // She lets go again, so that the demonstration can be repeated on a clean slate.
        await alice.press(await alice.open(`${real.fintechUrl}/connection`), 'unlink-confirm');
        return end.exchange;
      },
    );
  },
};

/** Mallory links her own account in the fintech and stops at the last redirect. */
async function trapOf(real: RealStack): Promise<string> {
  const mallory = real.browser('Mallory');
  const login = await beginLink(mallory, real);
  return callbackOf(await logInAndDecide(mallory.visiting(real.discovery.issuer), login, real.mallory));
}

function callbackOf(arrival: Arrival): string {
  if (arrival.kind === 'sent-away') return arrival.to.href;
  throw new Error(`Mallory got no code: ${describeArrival(arrival)}`);
}

function withoutState(callback: string): string {
  const url = new URL(callback);
  url.searchParams.delete('state');
  return url.href;
}

function withoutQuery(callback: string): string {
  const { origin, pathname } = new URL(callback);
  return `${origin}${pathname}?code=…`;
}
