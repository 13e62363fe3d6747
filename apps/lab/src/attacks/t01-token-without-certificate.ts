import { readFromLog } from '../control-group/bearer/bearer-stack.ts';
import { ALICE } from '../control-group/weak-customers.ts';
import type { Attack } from '../run/attack.ts';
import { R401, TLSX } from '../run/refusal.ts';
import { httpsCall } from '../wire/https-call.ts';
import { bearer } from '../wire/secret.ts';
import { balanceOf } from './loot.ts';
import { linkAlice, ownerIsServed } from './victim.ts';

export const tokenWithoutCertificate: Attack = {
  id: 'T01',
  slug: 'at-replay-no-cert',
  title: { en: 'A token leaks into a log', ja: 'ログに漏れたトークン' },
  story: {
    en: "A token leaks into a proxy log. On bearer tokens that is Alice's balance; here it is a useless string.",
    ja: 'プロキシのログにトークンが漏れます。ベアラートークンならアリスの残高そのもの、ここではただの文字列です。',
  },
  attacker: 'A5',
  holds: { en: "Alice's access token, no certificate", ja: 'アリスのアクセストークン（証明書なし）' },
  clauses: ['FAPI2-SP-FINAL-5.3.4-5', 'RFC8705-3', 'RFC9700-4.10.1'],
  control: 'bearer',

  async onControl({ bearer: weak, holds, steal }) {
    await weak.aliceUsesTheFintech();
    const token = readFromLog(weak.bank, /Bearer (\S+)/);
    holds({ en: "from the bank's access log", ja: '銀行のアクセスログから' }, token);
    await steal({
      what: { en: 'GET /accounts with the token', ja: 'トークンだけで GET /accounts' },
      act: () => httpsCall(weak.thief, { method: 'GET', url: `${weak.bank.url}/accounts`, headers: [bearer(token)] }),
      proof: balanceOf(ALICE),
    });
  },

  async onReal(stage) {
    const { real, attempt } = stage;
    const victim = await linkAlice(stage);
    const headers = [bearer(victim.accessToken)];
    const thief = real.caller('the thief');
    await attempt({
      variant: 'a',
      what: { en: 'GET /accounts without a certificate', ja: '証明書なしで GET /accounts' },
      act: () => httpsCall(thief, { method: 'GET', url: `${real.bankUrl}/accounts`, headers }),
      refusedWith: [R401, TLSX],
      reason: 'certificate_missing',
    });
    await attempt({
      variant: 'b',
      what: { en: 'the same on every other door of the bank', ja: '銀行の他のすべての入口で同じことを試す' },
      act: () =>
        Promise.all(otherDoors(real).map(([caller, url]) => httpsCall(caller, { method: 'GET', url, headers }))),
      refusedWith: [TLSX],
    });
    await ownerIsServed(stage, victim);
  },
};

/** Plain text on the API's port, and HTTP on the port that serves the internal gRPC. */
function otherDoors(real: Parameters<Attack['onReal']>[0]['real']) {
  const { serverName, address } = real.rpc.accountDirectory;
  return [
    [real.caller('the thief, in plain text'), `${real.bankUrl.replace('https:', 'http:')}/accounts`],
    [real.internalCaller('the thief, on the gRPC port'), `https://${serverName}:${address.split(':')[1]}/accounts`],
  ] as const;
}
