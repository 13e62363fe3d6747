import { CALLBACK, FIRST } from '../control-group/naive-mtls/naive-mtls-stack.ts';
import type { Attack } from '../run/attack.ts';
import { IC } from '../run/refusal.ts';
import type { Field } from '../wire/https-call.ts';
import { httpsCall } from '../wire/https-call.ts';
import { tokenIn } from './loot.ts';
import { linkAlice, ownerIsServed, refreshTokenIsUntouched } from './victim.ts';

export const anyCertificateAnyClient: Attack = {
  id: 'C03',
  slug: 'any-cert-any-client',
  title: { en: 'A real certificate, somebody else’s name', ja: '本物の証明書、他人の名前' },
  story: {
    en: 'With a real certificate of my own I claim to be another fintech. Mutual TLS authenticates; it does not say who I am allowed to be.',
    ja: '自分の本物の証明書で、別のフィンテックを名乗ります。相互TLSは認証するだけで、誰を名乗ってよいかは決めません。',
  },
  attacker: 'registered client',
  holds: { en: 'a valid certificate of the second client', ja: '第二のクライアントの有効な証明書' },
  clauses: ['RFC8705-2.1', 'RFC8705-2.1.2', 'FAPI2-SP-FINAL-5.3.2.1-6'],
  control: 'naive-mtls',

  async onControl({ naive, holds, steal }) {
    const { refreshToken } = await naive.aliceLinks();
    holds({ en: "the first fintech's refresh token", ja: '第一のフィンテックのリフレッシュトークン' }, refreshToken);
    const impostor = naive.caller('the second fintech', naive.held.second);
    const claim: Field = ['client_id', FIRST];
    const issuer = naive.authorizationServer.url;
    await steal({
      variant: 'a',
      what: { en: 'a request pushed in the first fintech’s name', ja: '第一のフィンテックの名でリクエストを送る' },
      act: () =>
        httpsCall(impostor, { method: 'POST', url: `${issuer}/par`, form: [claim, ['redirect_uri', CALLBACK]] }),
      proof: tokenIn,
    });
    await steal({
      variant: 'b',
      what: { en: 'tokens fetched in the first fintech’s name', ja: '第一のフィンテックの名でトークンを得る' },
      act: () =>
        httpsCall(impostor, {
          method: 'POST',
          url: `${issuer}/token`,
          form: [claim, ['grant_type', 'refresh_token'], ['refresh_token', refreshToken]],
        }),
      proof: tokenIn,
    });
  },

  async onReal(stage) {
    const { real, holds, attempt } = stage;
    const { first, second, discovery } = real;
    const victim = await linkAlice(stage);
    holds(
      { en: "the first client's refresh token", ja: '第一のクライアントのリフレッシュトークン' },
      victim.refreshToken,
    );
    await attempt({
      variant: 'a',
      what: { en: 'a request pushed in the first client’s name', ja: '第一のクライアントの名でリクエストを送る' },
      act: () =>
        httpsCall(second.caller, {
          method: 'POST',
          url: discovery.mtls.par,
          form: first.authorizationRequest(first.newVerifier(), 'any-certificate'),
        }),
      refusedWith: [IC],
      reason: 'certificate_subject_mismatch',
    });
    await attempt({
      variant: 'b',
      what: { en: 'tokens asked for in the first client’s name', ja: '第一のクライアントの名でトークンを求める' },
      act: () =>
        second.askForToken([
          ['grant_type', 'refresh_token'],
          ['client_id', first.clientId],
          ['refresh_token', victim.refreshToken],
        ]),
      refusedWith: [IC],
      reason: 'certificate_subject_mismatch',
    });
    await refreshTokenIsUntouched(stage, victim);
    await ownerIsServed(stage, victim);
  },
};
