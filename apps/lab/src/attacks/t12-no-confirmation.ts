import { generateKeyPairSync } from 'node:crypto';
import { FIRST, readAccounts } from '../control-group/naive-mtls/naive-mtls-stack.ts';
import { ALICE } from '../control-group/weak-customers.ts';
import type { Attack } from '../run/attack.ts';
import { IR, R401 } from '../run/refusal.ts';
import type { Field } from '../wire/https-call.ts';
import { httpsCall, jsonOf } from '../wire/https-call.ts';
import { compactJws, es256, readJws, unsigned } from '../wire/forged-jws.ts';
import { Secret } from '../wire/secret.ts';
import { balanceOf } from './loot.ts';
import { linkAlice, ownerIsServed, refreshTokenIsUntouched } from './victim.ts';

export const noConfirmation: Attack = {
  id: 'T12',
  slug: 'no-cnf-token',
  title: { en: 'A token bound to nobody', ja: '誰にも結び付いていないトークン' },
  story: {
    en: 'If the bank compares the binding only when there is one, I bring a token without. First I have to get one issued.',
    ja: '銀行が、結び付けのあるトークンだけを照合するなら、結び付けのないトークンを使えばよい。まずそれを発行させます。',
  },
  attacker: 'IMP, registered client',
  holds: {
    en: 'what signs for the client, its code and its refresh token; not the key its tokens are bound to',
    ja: 'クライアントの署名、認可コード、リフレッシュトークン（トークンが結び付く鍵はない）',
  },
  clauses: ['FAPI2-SP-FINAL-5.3.2.1-4', 'FAPI2-SP-FINAL-5.3.4-5', 'RFC8705-3'],
  control: 'naive-mtls',

  async onControl({ naive, holds, steal }) {
    const { refreshToken } = await naive.aliceLinks();
    holds({ en: "the first fintech's refresh token", ja: '第一のフィンテックのリフレッシュトークン' }, refreshToken);
    const thief = naive.caller('the thief');
    await steal({
      what: { en: 'a token fetched without a certificate, used without one', ja: '証明書なしで得て、証明書なしで使う' },
      async act() {
        const form: readonly Field[] = [
          ['grant_type', 'refresh_token'],
          ['client_id', FIRST],
          ['refresh_token', refreshToken],
        ];
        const url = `${naive.authorizationServer.url}/token`;
        const token = String(jsonOf(await httpsCall(thief, { method: 'POST', url, form }))['access_token']);
        return readAccounts(thief, naive.bindingOptionalBank.url, new Secret(token));
      },
      proof: balanceOf(ALICE),
    });
  },

  async onReal(stage) {
    const { real, holds, attempt, honest } = stage;
    const { assertion: client } = real;
    const victim = await linkAlice(stage, client);
    const approved = await client.approvedBy(real.alice);
    holds({ en: 'the client’s refresh token', ja: 'クライアントのリフレッシュトークン' }, victim.refreshToken);
    const wishes: readonly [variant: string, en: string, ja: string, form: readonly Field[]][] = [
      [
        'a',
        'the code, redeemed without a proof of the key',
        '鍵の証明なしでコードを引き換える',
        client.redemption(approved),
      ],
      [
        'b',
        'the refresh token, used without a proof',
        '鍵の証明なしでリフレッシュトークンを使う',
        [
          ['grant_type', 'refresh_token'],
          ['client_id', client.clientId],
          ['refresh_token', victim.refreshToken],
        ],
      ],
      [
        'c',
        'a token of the client’s own, without a proof',
        '鍵の証明なしでクライアント自身のトークンを求める',
        [
          ['grant_type', 'client_credentials'],
          ['client_id', client.clientId],
          ['scope', 'grant_management_query'],
        ],
      ],
    ];
    for (const [variant, en, ja, form] of wishes)
      await attempt({
        variant,
        what: { en, ja },
        act: () => client.call(client.tokenEndpoint, form),
        refusedWith: [IR],
        reason: 'sender_constraint_missing',
      });
    for (const { variant, what, token, reason } of withoutConfirmation(victim.accessToken))
      await attempt({
        variant,
        what,
        act: () => client.readAccounts(client.keep(token)),
        refusedWith: [R401],
        reason,
      });
    const redeemed = await honest(
      {
        en: 'the client redeems its code, with a proof of its key',
        ja: 'クライアントは鍵を証明してコードを引き換える',
      },
      () => client.redeem(approved),
    );
    if (redeemed.status === 200) client.linkFrom(redeemed);
    await refreshTokenIsUntouched(stage, victim);
    await ownerIsServed(stage, victim);
  },
};

/** Alice's real token with the binding cut out: nobody but the issuer could sign that. */
function withoutConfirmation(token: Secret) {
  const { header, claims } = readJws(token.reveal());
  const { cnf: _, ...rest } = claims;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return [
    {
      variant: 'd',
      what: { en: 'the binding cut out, signed by the thief', ja: '結び付けを切り取り、泥棒が署名する' },
      token: compactJws(header, rest, es256(privateKey)),
      reason: 'token_signature_invalid',
    },
    {
      variant: 'e',
      what: { en: 'the binding cut out, signed by nobody', ja: '結び付けを切り取り、署名なしで使う' },
      token: compactJws({ ...header, alg: 'none' }, rest, unsigned),
      reason: 'token_algorithm_not_allowed',
    },
  ];
}
