import { WEAK_CLIENT } from '../control-group/bearer/bearer-authorization-server.ts';
import type { RealStack } from '../real/real-stack.ts';
import type { Attack } from '../run/attack.ts';
import { IC } from '../run/refusal.ts';
import { httpsCall } from '../wire/https-call.ts';
import { pushInItsName } from './assertions.ts';
import { tokenIn } from './loot.ts';
import { linkAlice, ownerIsServed } from './victim.ts';

const EVIL = 'https://evil.invalid';

export const audienceInjection: Attack = {
  id: 'C12',
  slug: 'audience-injection',
  title: { en: 'A signature made for me, used on you', ja: '私宛ての署名を、あなたに使う' },
  story: {
    en: 'I run an authorization server and claim your token endpoint as mine. The fintech signs an assertion for it, hands it to me, and I hand it to you.',
    ja: '私は認可サーバーを運営し、あなたのトークンエンドポイントを自分のものと称します。フィンテックがそれ宛てに署名した認証情報を私に渡し、私はあなたに使います。',
  },
  attacker: 'A1a',
  holds: {
    en: 'an assertion the honest client made, freshly signed',
    ja: '正規クライアントが作った署名直後のアサーション',
  },
  clauses: ['FAPI2-SP-FINAL-5.3.2.1-8', 'FAPI2-SP-FINAL-5.3.3.1-5', 'RFC7523-3'],
  control: 'bearer',

  async onControl({ bearer, holds, steal }) {
    const { assertionBeliever: honest } = bearer;
    const assertion = honest.assertionOfTheFintech(honest.tokenEndpoint);
    holds(
      { en: 'sent to the thief’s server, made for its "token endpoint"', ja: '泥棒のサーバーに届いた署名' },
      assertion,
    );
    await steal({
      what: {
        en: 'handed on to the honest server: a token of the fintech',
        ja: '正規サーバーに転送し、トークンを得る',
      },
      act: () =>
        httpsCall(bearer.thief, {
          method: 'POST',
          url: honest.tokenEndpoint,
          form: [
            ['client_id', WEAK_CLIENT],
            ['client_assertion', assertion],
          ],
        }),
      proof: tokenIn,
    });
  },

  async onReal(stage) {
    const { real, holds, attempt } = stage;
    const { assertion: client } = real;
    const victim = await linkAlice(stage, client);
    for (const { variant, what, audience } of audiences(real)) {
      // To be generous: the honest client has been talked into signing whatever the thief's metadata asked for.
      const assertion = client.assertion({ aud: audience });
      holds({ en: `an assertion, ${what.en}`, ja: `アサーション：${what.ja}` }, assertion);
      await attempt({
        variant,
        what: { en: `handed on, ${what.en}`, ja: `転送する：${what.ja}` },
        act: () => pushInItsName(real, assertion),
        refusedWith: [IC],
        reason: 'client_assertion_audience_wrong',
      });
    }
    await ownerIsServed(stage, victim);
  },
};

const audiences = ({ discovery: { issuer, mtls, ordinary } }: RealStack) => [
  {
    variant: 'a',
    what: { en: 'made for the thief’s own name', ja: '泥棒自身の名前宛て' },
    audience: EVIL,
  },
  {
    variant: 'b',
    what: { en: 'made for the token endpoint', ja: 'トークンエンドポイント宛て' },
    audience: ordinary.token,
  },
  {
    variant: 'c',
    what: { en: 'made for the token endpoint of the mTLS host', ja: 'mTLSホストのトークンエンドポイント宛て' },
    audience: mtls.token,
  },
  {
    variant: 'd',
    what: { en: 'made for the very endpoint it is used at', ja: '使う先のエンドポイント宛て' },
    audience: mtls.par,
  },
  {
    variant: 'e',
    what: { en: 'made for both servers at once', ja: '両方のサーバー宛て' },
    audience: [EVIL, issuer],
  },
  {
    variant: 'f',
    what: { en: 'made for the right server, with a slash', ja: '正しいサーバー名に末尾スラッシュ' },
    audience: `${issuer}/`,
  },
];
