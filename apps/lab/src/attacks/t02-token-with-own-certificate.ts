import { readAccounts } from '../control-group/naive-mtls/naive-mtls-stack.ts';
import { ALICE } from '../control-group/weak-customers.ts';
import type { Attack } from '../run/attack.ts';
import { R401 } from '../run/refusal.ts';
import { thumbprintOf } from '../wire/caller.ts';
import { balanceOf } from './loot.ts';
import { linkAlice, ownerIsServed } from './victim.ts';

export const tokenWithOwnCertificate: Attack = {
  id: 'T02',
  slug: 'at-replay-own-cert',
  title: { en: 'Another licensed fintech replays it', ja: '別の正規フィンテックによる再利用' },
  story: {
    en: 'Now the thief is another licensed fintech with a perfectly valid certificate. The token remembers whose key it belongs to.',
    ja: '今度の泥棒は、有効な証明書を持つ別の正規フィンテックです。トークンは誰の鍵に属するかを覚えています。',
  },
  attacker: 'A5 + registered client',
  holds: {
    en: "Alice's access token and an own, valid certificate",
    ja: 'アリスのアクセストークンと、自分の有効な証明書',
  },
  clauses: ['RFC8705-3', 'RFC9700-4.10.1', 'FAPI2-SP-FINAL-5.3.4-5'],
  control: 'naive-mtls',

  async onControl({ naive, holds, steal }) {
    const { accessToken } = await naive.aliceLinks();
    holds(
      { en: "Alice's token, issued to the first fintech", ja: '第一のフィンテックに発行されたトークン' },
      accessToken,
    );
    await steal({
      what: {
        en: 'GET /accounts with the second fintech’s certificate',
        ja: '第二のフィンテックの証明書で GET /accounts',
      },
      act: () =>
        readAccounts(naive.caller('the second fintech', naive.held.second), naive.unboundBank.url, accessToken),
      proof: balanceOf(ALICE),
    });
  },

  async onReal(stage) {
    const { real, attempt } = stage;
    const victim = await linkAlice(stage);
    const bound = thumbprintOf(real.held.first.certificatePem);
    const shown = thumbprintOf(real.held.second.certificatePem);
    await attempt({
      what: {
        en: 'GET /accounts with the second client’s certificate',
        ja: '第二のクライアントの証明書で GET /accounts',
      },
      act: () => real.second.readAccounts(victim.accessToken),
      refusedWith: [R401],
      reason: 'certificate_thumbprint_mismatch',
      // The operator must be able to see whose token it was and whose certificate came with it.
      checkEvent: ({ expectedThumbprint, presentedThumbprint }) =>
        expectedThumbprint === bound && presentedThumbprint === shown
          ? undefined
          : 'it does not name both certificates',
    });
    await ownerIsServed(stage, victim);
  },
};
