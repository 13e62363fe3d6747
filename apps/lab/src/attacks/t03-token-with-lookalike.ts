import { HomeMadeAuthority, selfSigned } from '../certificates/home-made-authority.ts';
import { namesOf } from '../certificates/subject.ts';
import { readAccounts } from '../control-group/naive-mtls/naive-mtls-stack.ts';
import { ALICE } from '../control-group/weak-customers.ts';
import type { Attack } from '../run/attack.ts';
import { R401, TLSX } from '../run/refusal.ts';
import type { HeldCertificate } from '../wire/caller.ts';
import { httpsCall } from '../wire/https-call.ts';
import { bearer } from '../wire/secret.ts';
import { UNKNOWN_AUTHORITY } from './bad-certificates.ts';
import { balanceOf } from './loot.ts';
import { linkAlice, ownerIsServed } from './victim.ts';

export const tokenWithLookalike: Attack = {
  id: 'T03',
  slug: 'at-replay-lookalike',
  title: { en: 'A certificate with the victim’s name', ja: '被害者と同じ名前の証明書' },
  story: {
    en: 'The thief has certificates made in the victim’s name. The names match letter by letter; the key does not.',
    ja: '泥棒は被害者の名義で証明書を作ります。名前は一字一句同じでも、鍵が違います。',
  },
  attacker: 'A5, IMP',
  holds: {
    en: "Alice's access token and certificates that carry her fintech's names",
    ja: 'アリスのトークンと、同名の証明書',
  },
  clauses: ['RFC8705-3.1', 'RFC8705-6.2', 'RFC8705-7.4'],
  control: 'naive-mtls',

  async onControl({ naive, holds, steal }) {
    const { accessToken } = await naive.aliceLinks();
    holds({ en: "Alice's token", ja: 'アリスのトークン' }, accessToken);
    for (const { variant, what, certificate } of lookalikes(naive.held.first, naive.held.lookalike)) {
      await steal({
        variant,
        what,
        act: () => readAccounts(naive.caller('the lookalike', certificate), naive.unboundBank.url, accessToken),
        proof: balanceOf(ALICE),
      });
    }
  },

  async onReal(stage) {
    const { real, attempt } = stage;
    const victim = await linkAlice(stage);
    for (const { variant, what, certificate, ...reasons } of lookalikes(real.held.first, real.held.lookalike)) {
      const lookalike = real.caller('the lookalike', certificate);
      await attempt({
        variant,
        what,
        act: () =>
          httpsCall(lookalike, {
            method: 'GET',
            url: `${real.bankUrl}/accounts`,
            headers: [bearer(victim.accessToken)],
          }),
        refusedWith: variant === 'c' ? [R401] : [R401, TLSX],
        ...reasons,
      });
    }
    await ownerIsServed(stage, victim);
  },
};

/** Three ways to come by somebody's name. Only the last needs a careless authority inside the scheme. */
function lookalikes(victim: HeldCertificate, sameAuthority: HeldCertificate) {
  const names = namesOf(victim.certificatePem);
  return [
    {
      variant: 'a',
      what: { en: 'self-signed, same subject', ja: '自己署名、同じサブジェクト' },
      certificate: selfSigned({ names, purpose: 'client' }),
      // RFC8705-6.2: the bank asks of a self-signed certificate only whether it is the very one the token names.
      reason: 'certificate_thumbprint_mismatch',
    },
    {
      variant: 'b',
      what: { en: 'from a home-made CA, same subject', ja: '自作の認証局、同じサブジェクト' },
      certificate: new HomeMadeAuthority('Participants').issueWithChain({ names, purpose: 'client' }),
      ...UNKNOWN_AUTHORITY,
    },
    {
      variant: 'c',
      what: { en: 'from the very same CA, same subject, other key', ja: '同じ認証局、同じサブジェクト、別の鍵' },
      certificate: sameAuthority,
      reason: 'certificate_thumbprint_mismatch',
    },
  ];
}
