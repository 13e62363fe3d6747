import { CALLBACK, FIRST } from '../control-group/naive-mtls/naive-mtls-stack.ts';
import type { Attack } from '../run/attack.ts';
import { IC, R401, TLSX } from '../run/refusal.ts';
import { httpsCall } from '../wire/https-call.ts';
import { bearer } from '../wire/secret.ts';
import { tokenIn } from './loot.ts';
import { linkAlice, ownerIsServed } from './victim.ts';

export const authorityScoping: Attack = {
  id: 'C05',
  slug: 'ca-scoping',
  title: { en: 'The right name from the wrong authority', ja: '正しい名前、違う認証局' },
  story: {
    en: 'A platform trusts several authorities, each for something else. I get the victim’s very name certified by the one that was not asked.',
    ja: 'プラットフォームは用途ごとに複数の認証局を信頼します。私は、本来の担当ではない認証局から、被害者とまったく同じ名前の証明書を手に入れます。',
  },
  attacker: 'IMP',
  holds: {
    en: 'a certificate with all names of the first client, by another trusted authority',
    ja: '第一のクライアントと同名で、別の信頼済み認証局が発行した証明書',
  },
  clauses: ['RFC8705-7.4', 'RFC8705-2.1', 'FAPI2-SP-FINAL-5.3.2.1-6'],
  control: 'naive-mtls',

  async onControl({ naive, holds, steal }) {
    holds(
      { en: 'the first fintech’s name, certified by another scheme', ja: '別の制度が証明した第一のフィンテックの名前' },
      `CN=${FIRST}`,
    );
    await steal({
      what: { en: 'a request pushed in the first fintech’s name', ja: '第一のフィンテックの名でリクエストを送る' },
      act: () =>
        httpsCall(naive.caller('the namesake', naive.held.otherAuthority), {
          method: 'POST',
          url: `${naive.nameComparing.url}/par`,
          form: [
            ['client_id', FIRST],
            ['redirect_uri', CALLBACK],
          ],
        }),
      proof: tokenIn,
    });
  },

  async onReal(stage) {
    const { real, attempt } = stage;
    const { first, discovery, held, bankUrl } = real;
    const victim = await linkAlice(stage);
    const namesake = real.caller('the namesake', held.otherAuthority);
    await attempt({
      variant: 'a',
      what: { en: 'a request pushed in the first client’s name', ja: '第一のクライアントの名でリクエストを送る' },
      act: () =>
        httpsCall(namesake, {
          method: 'POST',
          url: discovery.mtls.par,
          form: first.authorizationRequest(first.newVerifier(), 'another-authority'),
        }),
      refusedWith: [IC, TLSX],
      reason: 'issued_for_another_door',
    });
    await attempt({
      variant: 'b',
      what: { en: 'its refresh token, used in its name', ja: 'そのリフレッシュトークンを、その名で使う' },
      act: () =>
        httpsCall(namesake, {
          method: 'POST',
          url: discovery.mtls.token,
          form: [
            ['grant_type', 'refresh_token'],
            ['client_id', first.clientId],
            ['refresh_token', victim.refreshToken],
          ],
        }),
      refusedWith: [IC, TLSX],
      reason: 'issued_for_another_door',
    });
    await attempt({
      variant: 'c',
      what: { en: 'its access token, used at the bank', ja: 'そのアクセストークンを銀行で使う' },
      act: () =>
        httpsCall(namesake, { method: 'GET', url: `${bankUrl}/accounts`, headers: [bearer(victim.accessToken)] }),
      refusedWith: [R401, TLSX],
      reason: 'issued_for_another_door',
    });
    await ownerIsServed(stage, victim);
  },
};
