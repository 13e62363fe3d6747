import { readFromLog } from '../control-group/bearer/bearer-stack.ts';
import { WEAK_CLIENT } from '../control-group/bearer/bearer-authorization-server.ts';
import type { RealStack } from '../real/real-stack.ts';
import type { Attack } from '../run/attack.ts';
import { IC, IG, TLSX } from '../run/refusal.ts';
import type { Caller } from '../wire/caller.ts';
import { httpsCall } from '../wire/https-call.ts';
import type { Secret } from '../wire/secret.ts';
import { tokenIn } from './loot.ts';
import { linkAlice, ownerIsServed, refreshTokenIsUntouched } from './victim.ts';

export const refreshTokenTheft: Attack = {
  id: 'T06',
  slug: 'rt-theft',
  title: { en: 'A stolen refresh token', ja: '盗まれたリフレッシュトークン' },
  story: {
    en: 'A refresh token opens the account for months. The thief tries it as nobody, as himself, and in the victim’s name.',
    ja: 'リフレッシュトークンは何か月も口座を開けます。泥棒は無名で、自分の名で、そして被害者の名で試します。',
  },
  attacker: 'A1, A5',
  holds: { en: "Alice's refresh token", ja: 'アリスのリフレッシュトークン' },
  clauses: ['FAPI2-SP-FINAL-5.3.2.1-9', 'RFC8705-7.1', 'RFC9700-4.14'],
  control: 'bearer',

  async onControl({ bearer, holds, steal }) {
    await bearer.aliceUsesTheFintech();
    const refreshToken = readFromLog(bearer.authorizationServer, /[?&]refresh_token=([\w-]+)/);
    const basic = readFromLog(bearer.authorizationServer, /(Basic \S+)/);
    holds({ en: "from the authorization server's access log", ja: '認可サーバーのアクセスログから' }, refreshToken);
    const form = [
      ['grant_type', 'refresh_token'],
      ['client_id', WEAK_CLIENT],
      ['refresh_token', refreshToken],
    ] as const;
    const url = `${bearer.authorizationServer.url}/token`;
    await steal({
      variant: 'a',
      what: { en: 'as a "public" client, without any secret', ja: '「公開クライアント」として、秘密なしで' },
      act: () => httpsCall(bearer.thief, { method: 'POST', url, form }),
      proof: tokenIn,
    });
    await steal({
      variant: 'b',
      what: { en: 'with the client secret, which is in the same log', ja: '同じログにあるクライアントシークレットで' },
      act: () => httpsCall(bearer.thief, { method: 'POST', url, form, headers: [['authorization', basic]] }),
      proof: tokenIn,
    });
  },

  async onReal(stage) {
    const { real, holds, attempt } = stage;
    const { first, second, held } = real;
    const victim = await linkAlice(stage);
    holds({ en: "Alice's refresh token", ja: 'アリスのリフレッシュトークン' }, victim.refreshToken);
    const use = (caller: Caller, clientId: string) => refresh(real, caller, clientId, victim.refreshToken);
    await attempt({
      variant: 'a',
      what: { en: 'without client authentication', ja: 'クライアント認証なしで' },
      act: () => use(real.caller('the thief'), first.clientId),
      refusedWith: [IC, TLSX],
      reason: 'certificate_missing',
    });
    await attempt({
      variant: 'b',
      what: { en: 'as another registered client', ja: '別の登録クライアントとして' },
      act: () => use(second.caller, second.clientId),
      refusedWith: [IG],
      reason: 'refresh_token_foreign',
    });
    await attempt({
      variant: 'c',
      what: {
        en: 'in the victim’s name, with another client’s certificate',
        ja: '被害者の名で、別クライアントの証明書で',
      },
      act: () => use(second.caller, first.clientId),
      refusedWith: [IC, TLSX],
      reason: 'certificate_subject_mismatch',
    });
    await attempt({
      variant: 'd',
      what: { en: 'with an expired certificate of the victim', ja: '被害者の期限切れ証明書で' },
      act: () => use(real.caller('the holder of an expired certificate', held.expired), first.clientId),
      refusedWith: [IC, TLSX],
      reason: 'certificate_expired',
    });
    await refreshTokenIsUntouched(stage, victim);
    await ownerIsServed(stage, victim);
  },
};

/** RFC6749-6 */
function refresh({ discovery }: RealStack, caller: Caller, clientId: string, refreshToken: Secret) {
  return httpsCall(caller, {
    method: 'POST',
    url: discovery.mtls.token,
    form: [
      ['grant_type', 'refresh_token'],
      ['client_id', clientId],
      ['refresh_token', refreshToken],
    ],
  });
}
