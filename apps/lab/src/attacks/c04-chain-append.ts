import { CALLBACK, FIRST } from '../control-group/naive-mtls/naive-mtls-stack.ts';
import type { Attack } from '../run/attack.ts';
import { IC, R401, TLSX } from '../run/refusal.ts';
import type { HeldCertificate } from '../wire/caller.ts';
import type { Field } from '../wire/https-call.ts';
import { httpsCall } from '../wire/https-call.ts';
import { bearer } from '../wire/secret.ts';
import { certificateHeaders } from './certificate-headers.ts';
import { tokenIn } from './loot.ts';
import { linkAlice, ownerIsServed } from './victim.ts';

export const chainAppend: Attack = {
  id: 'C04',
  slug: 'chain-append',
  title: { en: 'The victim’s certificate, hidden in my chain', ja: '証明書チェーンに隠した他人の証明書' },
  story: {
    en: 'I show my own certificate first and append the victim’s behind it. Only the first one is backed by a key.',
    ja: '自分の証明書を先頭に、被害者の証明書を後ろに付けて送ります。鍵の裏付けがあるのは先頭の一枚だけです。',
  },
  attacker: 'registered client, IMP',
  holds: { en: 'an own certificate with key, the victim’s without', ja: '自分の証明書と鍵、被害者の証明書（鍵なし）' },
  clauses: ['RFC8705-2.1', 'RFC8446-4.4.2', 'RFC8446-4.4.3'],
  control: 'naive-mtls',

  async onControl({ naive, holds, steal }) {
    holds({ en: "the first fintech's public certificate", ja: '第一のフィンテックの公開証明書' });
    const request: readonly Field[] = [
      ['client_id', FIRST],
      ['redirect_uri', CALLBACK],
    ];
    for (const { variant, what, certificate } of chains(naive.held.second, naive.held.first, naive.route.serverTrust)) {
      const impostor = naive.caller('the second fintech', certificate);
      await steal({
        variant,
        what,
        act: () => httpsCall(impostor, { method: 'POST', url: `${naive.chainAcceptingUrl}/par`, form: request }),
        proof: tokenIn,
      });
    }
  },

  async onReal(stage) {
    const { real, attempt } = stage;
    const { first, discovery, held } = real;
    const victim = await linkAlice(stage);
    const push = (certificate: HeldCertificate, headers: readonly Field[] = []) =>
      httpsCall(real.caller('the second client', certificate), {
        method: 'POST',
        url: discovery.mtls.par,
        headers,
        form: first.authorizationRequest(first.newVerifier(), 'chain-append'),
      });
    const [, ...issuers] = blocksOf(held.first.certificatePem);
    for (const { variant, what, certificate } of chains(held.second, held.first, issuers.join('\n'))) {
      await attempt({
        variant,
        what,
        act: () => push(certificate),
        refusedWith: [IC, TLSX],
        reason: 'certificate_subject_mismatch',
      });
      await attempt({
        variant,
        what: { en: `${what.en}, with Alice’s token at the bank`, ja: `${what.ja}（銀行でアリスのトークン）` },
        act: () =>
          httpsCall(real.caller('the second client', certificate), {
            method: 'GET',
            url: `${real.bankUrl}/accounts`,
            headers: [bearer(victim.accessToken)],
          }),
        refusedWith: [R401, TLSX],
        reason: 'certificate_thumbprint_mismatch',
      });
    }
    await attempt({
      variant: 'c',
      what: { en: 'appended in headers, as proxies write them', ja: 'プロキシが書くヘッダーで後付けする' },
      act: () =>
        Promise.all(certificateHeaders(held.first.certificatePem).map((headers) => push(held.second, headers))),
      refusedWith: [IC, TLSX],
      reason: 'certificate_subject_mismatch',
    });
    await ownerIsServed(stage, victim);
  },
};

/** The Certificate messages: own leaf first, because its key signs; then what nobody signs for. */
export function chains(own: HeldCertificate, victim: HeldCertificate, authorities: string) {
  const [ownLeaf = ''] = blocksOf(own.certificatePem);
  const [victimLeaf = ''] = blocksOf(victim.certificatePem);
  const message = (...blocks: string[]): HeldCertificate => ({ ...own, certificatePem: blocks.join('\n') });
  return [
    {
      variant: 'a',
      what: { en: 'own leaf, the victim’s, then the CA', ja: '自分、被害者、認証局の順' },
      certificate: message(ownLeaf, victimLeaf, authorities),
    },
    {
      variant: 'b',
      what: { en: 'own leaf, the CA, then the victim’s', ja: '自分、認証局、被害者の順' },
      certificate: message(ownLeaf, authorities, victimLeaf),
    },
  ];
}

function blocksOf(pem: string): readonly string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
}
