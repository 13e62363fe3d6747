import { HomeMadeAuthority } from '../certificates/home-made-authority.ts';
import { namesOf, party } from '../certificates/subject.ts';
import type { Attack } from '../run/attack.ts';
import { UN14 } from '../run/refusal.ts';
import type { HeldCertificate } from '../wire/caller.ts';
import { listShareableAccounts } from './account-directory.ts';
import { showToControl, showToReal, UNKNOWN_AUTHORITY } from './bad-certificates.ts';
import { linkAlice, ownerIsServed } from './victim.ts';

const WHAT = { en: 'a certificate from a home-made CA', ja: '自作認証局の証明書' };

export const rogueAuthority: Attack = {
  id: 'P02',
  slug: 'rogue-ca',
  title: { en: 'A certificate authority made at home', ja: '自作の認証局' },
  story: {
    en: 'I make a certificate authority at the kitchen table and issue myself the victim’s certificate. Everything is correctly signed.',
    ja: '台所のテーブルで認証局を作り、被害者名義の証明書を自分に発行します。署名はすべて正しく検証できます。',
  },
  attacker: 'A1',
  holds: {
    en: "a certificate with the victim's names from an unknown CA",
    ja: '未知の認証局による、被害者名義の証明書',
  },
  clauses: ['RFC8705-2.1', 'RFC8705-7.5', 'RFC5280-6'],
  control: 'naive-mtls',

  onControl: (stage) => {
    const certificate = forged(stage.naive.held.first);
    return showToControl(stage, [{ variant: 'a', what: WHAT, certificate }]);
  },

  async onReal(stage) {
    const { real, attempt } = stage;
    const victim = await linkAlice(stage);
    const certificate = forged(real.held.first);
    await showToReal(stage, victim, [{ variant: 'a', what: WHAT, certificate, ...UNKNOWN_AUTHORITY }]);
    await attempt({
      variant: 'b',
      what: {
        en: 'in the authorization server’s name, at the bank’s gRPC door',
        ja: '認可サーバー名義で、銀行のgRPCへ',
      },
      act: () => {
        const names = party({ commonName: 'service', uris: ['spiffe://holdfast.test/authorization-server'] });
        const service = new HomeMadeAuthority('Services').issue({ names, purpose: 'both' });
        return listShareableAccounts(real.internalCaller('a forged service', service), real.rpc.accountDirectory);
      },
      refusedWith: [UN14],
      reason: 'certificate_untrusted',
    });
    await ownerIsServed(stage, victim);
  },
};

function forged(victim: HeldCertificate): HeldCertificate {
  const names = namesOf(victim.certificatePem);
  return new HomeMadeAuthority('Participants').issueWithChain({ names, purpose: 'client' });
}
