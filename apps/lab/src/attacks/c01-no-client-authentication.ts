import { WEAK_CLIENT } from '../control-group/bearer/bearer-authorization-server.ts';
import { readFromLog } from '../control-group/bearer/bearer-stack.ts';
import type { RealStack } from '../real/real-stack.ts';
import type { Endpoints } from '../real/discovery.ts';
import type { Attack } from '../run/attack.ts';
import { IC, TLSX } from '../run/refusal.ts';
import type { Caller } from '../wire/caller.ts';
import type { Exchange, Field } from '../wire/https-call.ts';
import { httpsCall, jsonOf } from '../wire/https-call.ts';
import { tokenIn } from './loot.ts';
import type { Victim } from './victim.ts';
import { linkAlice, ownerIsServed, refreshTokenIsUntouched } from './victim.ts';

export const noClientAuthentication: Attack = {
  id: 'C01',
  slug: 'no-client-auth',
  title: { en: 'A client that is only a name', ja: '名前だけのクライアント' },
  story: {
    en: 'A client id is no secret. Whoever knows one tries every back-channel endpoint with nothing else.',
    ja: 'クライアントIDは秘密ではありません。それだけを手に、バックチャネルの全エンドポイントを試します。',
  },
  attacker: 'A1',
  holds: { en: 'a client id, and stolen tokens to ask about', ja: 'クライアントIDと、盗んだトークン' },
  clauses: ['FAPI2-SP-FINAL-5.3.2.1-6', 'FAPI2-SP-FINAL-5.3.2.2-4', 'RFC7662-2.1', 'RFC7009-2.1'],
  control: 'bearer',

  async onControl({ bearer, holds, steal }) {
    await bearer.aliceUsesTheFintech();
    const code = readFromLog(bearer.fintech, /[?&]code=([\w-]+)/);
    const token = readFromLog(bearer.bank, /Bearer (\S+)/);
    holds({ en: "Alice's code and token, from logs", ja: 'ログから得たアリスのコードとトークン' }, code);
    const issuer = bearer.authorizationServer.url;
    const redemption: readonly Field[] = [
      ['grant_type', 'authorization_code'],
      ['client_id', WEAK_CLIENT],
      ['code', code],
    ];
    await steal({
      variant: 'a',
      what: {
        en: 'the token endpoint takes it for a public client',
        ja: 'トークンエンドポイントは公開クライアントとみなす',
      },
      act: () => httpsCall(bearer.thief, { method: 'POST', url: `${issuer}/token`, form: redemption }),
      proof: tokenIn,
    });
    await steal({
      variant: 'b',
      what: { en: 'introspection tells anybody whose token it is', ja: 'イントロスペクションは誰にでも持ち主を教える' },
      act: () => httpsCall(bearer.thief, { method: 'POST', url: `${issuer}/introspect`, form: [['token', token]] }),
      proof: (exchange) =>
        jsonOf(exchange)['active'] === true ? `username ${String(jsonOf(exchange)['username'])}` : undefined,
    });
  },

  async onReal(stage) {
    const { real, attempt } = stage;
    const { mtls, ordinary } = real.discovery;
    const victim = await linkAlice(stage);
    const nobody = real.caller('the thief');
    await attempt({
      variant: 'a',
      what: { en: 'PAR, token, introspection, revocation on the mTLS host', ja: 'mTLSホストの全エンドポイント' },
      act: () => everywhere(real, nobody, mtls, victim),
      refusedWith: [IC, TLSX],
      reason: 'certificate_missing',
    });
    await attempt({
      variant: 'b',
      what: { en: 'the same four on the ordinary host', ja: '通常ホストの同じエンドポイント' },
      act: () => everywhere(real, nobody, ordinary, victim),
      refusedWith: [IC, TLSX],
      reason: 'certificate_missing',
    });
    await refreshTokenIsUntouched(stage, victim);
    await ownerIsServed(stage, victim);
  },
};

/** The rightful client's requests, word for word, without its certificate. */
function everywhere(real: RealStack, caller: Caller, endpoints: Endpoints, victim: Victim): Promise<Exchange[]> {
  const { first } = real;
  const identified: Field = ['client_id', first.clientId];
  const requests: readonly (readonly [string, readonly Field[]])[] = [
    [endpoints.par, first.authorizationRequest(first.newVerifier(), 'no-client-authentication')],
    [endpoints.token, [['grant_type', 'refresh_token'], ['refresh_token', victim.refreshToken], identified]],
    [endpoints.introspection, [['token', victim.accessToken], identified]],
    [endpoints.revocation, [['token', victim.refreshToken], identified]],
  ];
  return Promise.all(requests.map(([url, form]) => httpsCall(caller, { method: 'POST', url, form })));
}
