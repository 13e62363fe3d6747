import { ALICE } from '../control-group/weak-customers.ts';
import type { Attack } from '../run/attack.ts';
import { IC, R401, TLSX } from '../run/refusal.ts';
import type { Caller } from '../wire/caller.ts';
import type { Exchange, Field, HttpsRequest } from '../wire/https-call.ts';
import { httpsCall } from '../wire/https-call.ts';
import { bearer } from '../wire/secret.ts';
import { certificateHeaders } from './certificate-headers.ts';
import { balanceOf } from './loot.ts';
import { linkAlice, ownerIsServed } from './victim.ts';

export const certificateInHeader: Attack = {
  id: 'T05',
  slug: 'at-plus-public-cert-in-header',
  title: { en: 'The public certificate, pasted into a header', ja: '公開証明書をヘッダーに貼り付ける' },
  story: {
    en: "The victim's certificate is public, so the thief pastes it into a header. A platform that trusts headers pays out.",
    ja: '被害者の証明書は公開情報なので、泥棒はそれをヘッダーに貼り付けます。ヘッダーを信じるシステムは支払ってしまいます。',
  },
  attacker: 'A5, IMP',
  holds: {
    en: "Alice's access token and her fintech's certificate, without its key",
    ja: 'トークンと証明書（秘密鍵なし）',
  },
  clauses: ['RFC9440-4', 'RFC9700-4.13', 'RFC8705-3'],
  control: 'naive-mtls',

  async onControl({ naive, holds, steal }) {
    const { accessToken } = await naive.aliceLinks();
    const headers = certificateHeaders(naive.held.first.certificatePem);
    holds({ en: "Alice's token", ja: 'アリスのトークン' }, accessToken);
    const request: HttpsRequest = { method: 'GET', url: `${naive.headerTrustingBank.url}/accounts` };
    for (const [variant, caller] of [
      ['a', naive.caller('the thief')],
      ['b', naive.caller('the second fintech', naive.held.second)],
    ] as const) {
      await steal({
        variant,
        what: pastedBy(caller),
        act: () => oneAfterTheOther(caller, { ...request, headers: [bearer(accessToken)] }, headers),
        proof: balanceOf(ALICE),
      });
    }
  },

  async onReal(stage) {
    const { real, attempt } = stage;
    const victim = await linkAlice(stage);
    const headers = certificateHeaders(real.held.first.certificatePem);
    const atBank: HttpsRequest = {
      method: 'GET',
      url: `${real.bankUrl}/accounts`,
      headers: [bearer(victim.accessToken)],
    };
    const atIssuer: HttpsRequest = {
      method: 'POST',
      url: real.discovery.mtls.token,
      form: [
        ['grant_type', 'refresh_token'],
        ['client_id', real.first.clientId],
        ['refresh_token', victim.refreshToken],
      ],
    };
    const nobody = real.caller('the thief');
    const other = real.caller('the second client', real.held.second);
    const bank = { en: ', at the bank', ja: '（銀行）' };
    const issuer = { en: ', at the token endpoint', ja: '（トークンエンドポイント）' };
    for (const [variant, caller, request, where, refusal, reason] of [
      ['a', nobody, atBank, bank, R401, 'certificate_missing'],
      ['b', other, atBank, bank, R401, 'certificate_thumbprint_mismatch'],
      ['a', nobody, atIssuer, issuer, IC, 'certificate_missing'],
      ['b', other, atIssuer, issuer, IC, 'certificate_subject_mismatch'],
    ] as const) {
      const who = pastedBy(caller);
      await attempt({
        variant,
        what: { en: who.en + where.en, ja: who.ja + where.ja },
        act: () => oneAfterTheOther(caller, request, headers),
        refusedWith: [refusal, TLSX],
        reason,
      });
    }
    await ownerIsServed(stage, victim);
  },
};

function pastedBy({ certificate }: Caller) {
  return certificate === undefined
    ? { en: 'every header in every encoding, without a certificate', ja: '証明書なしで、全ヘッダー・全形式' }
    : { en: 'the same beside an own valid certificate', ja: '自分の有効な証明書で、全ヘッダー・全形式' };
}

async function oneAfterTheOther(
  caller: Caller,
  request: HttpsRequest,
  pasted: readonly (readonly Field[])[],
): Promise<readonly Exchange[]> {
  const exchanges: Exchange[] = [];
  for (const fields of pasted)
    exchanges.push(await httpsCall(caller, { ...request, headers: [...(request.headers ?? []), ...fields] }));
  return exchanges;
}
