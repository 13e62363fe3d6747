import { CALLBACK, FIRST, readAccounts } from '../control-group/naive-mtls/naive-mtls-stack.ts';
import { ALICE } from '../control-group/weak-customers.ts';
import type { Attack } from '../run/attack.ts';
import { CHALLENGE, IC, TLSX, UN14 } from '../run/refusal.ts';
import { httpsCall } from '../wire/https-call.ts';
import { listShareableAccounts } from './account-directory.ts';
import { balanceOf, tokenIn } from './loot.ts';
import { linkAlice, ownerIsServed } from './victim.ts';

export const noCertificate: Attack = {
  id: 'P01',
  slug: 'no-cert',
  title: { en: 'No certificate at all', ja: '証明書を一切出さない' },
  story: {
    en: 'The server asks for a certificate and I send an empty list. Asking is not the same as insisting.',
    ja: 'サーバーが証明書を求めても、空のリストを返します。求めることと、必ず出させることは違います。',
  },
  attacker: 'A1',
  holds: { en: 'nothing', ja: '何も持たない' },
  clauses: ['RFC8705-2', 'RFC8705-3', 'RFC8446-4.4.2.4'],
  control: 'naive-mtls',

  async onControl({ naive, steal }) {
    const { accessToken } = await naive.aliceLinks();
    const nobody = naive.caller('somebody');
    await steal({
      variant: 'a',
      what: { en: 'a pushed request, as the first fintech', ja: '第一のフィンテックとしてリクエストを送る' },
      act: () =>
        httpsCall(nobody, {
          method: 'POST',
          url: `${naive.authorizationServer.url}/par`,
          form: [
            ['client_id', FIRST],
            ['redirect_uri', CALLBACK],
          ],
        }),
      proof: tokenIn,
    });
    await steal({
      variant: 'b',
      what: { en: 'the bank behind "mutual" TLS', ja: '「相互」TLSの銀行' },
      act: () => readAccounts(nobody, naive.unboundBank.url, accessToken),
      proof: balanceOf(ALICE),
    });
  },

  async onReal(stage) {
    const { real, attempt } = stage;
    const victim = await linkAlice(stage);
    const nobody = real.caller('somebody');
    const { first, discovery } = real;
    await attempt({
      variant: 'a',
      what: { en: 'a pushed request, as the first client', ja: '第一のクライアントとしてリクエストを送る' },
      act: () =>
        httpsCall(nobody, {
          method: 'POST',
          url: discovery.mtls.par,
          form: first.authorizationRequest(first.newVerifier(), 'no-certificate'),
        }),
      refusedWith: [IC, TLSX],
      reason: 'certificate_missing',
    });
    await attempt({
      variant: 'b',
      what: { en: 'the bank, without certificate and token', ja: '証明書もトークンもなしで銀行へ' },
      act: () => httpsCall(nobody, { method: 'GET', url: `${real.bankUrl}/accounts` }),
      refusedWith: [CHALLENGE, TLSX],
      reason: 'token_missing',
    });
    await attempt({
      variant: 'c',
      what: { en: 'the internal gRPC door, which insists in the handshake', ja: 'ハンドシェイクで必須とする内部gRPC' },
      act: () => listShareableAccounts(real.internalCaller('somebody'), real.rpc.accountDirectory),
      refusedWith: [UN14],
      reason: 'certificate_missing',
    });
    await ownerIsServed(stage, victim);
  },
};
