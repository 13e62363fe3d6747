import { WEAK_CLIENT } from '../control-group/bearer/bearer-authorization-server.ts';
import { readFromLog } from '../control-group/bearer/bearer-stack.ts';
import type { ApprovedCode } from '../real/lab-client.ts';
import type { Attack } from '../run/attack.ts';
import { IC, IG, TLSX } from '../run/refusal.ts';
import type { Caller } from '../wire/caller.ts';
import type { Field } from '../wire/https-call.ts';
import { httpsCall } from '../wire/https-call.ts';
import { tokenIn } from './loot.ts';

export const codeTheft: Attack = {
  id: 'T07',
  slug: 'code-theft',
  title: { en: 'The login code is stolen', ja: '認可コードの窃取' },
  story: {
    en: 'The code is copied from the callback before its owner redeems it. Wrong key, wrong verifier: it opens nothing.',
    ja: '持ち主が使う前に、コールバックから認可コードが写し取られます。鍵も検証値も違えば、何も開きません。',
  },
  attacker: 'A3a + registered client',
  holds: { en: "Alice's authorization code, not yet redeemed", ja: 'アリスの未使用の認可コード' },
  clauses: ['FAPI2-SP-FINAL-5.3.2.2-5', 'FAPI2-SP-FINAL-5.3.2.2-9', 'RFC9700-4.5', 'RFC7636-4.6'],
  control: 'bearer',

  async onControl({ bearer, holds, steal }) {
    await bearer.aliceUsesTheFintech();
    const code = readFromLog(bearer.fintech, /[?&]code=([\w-]+)/);
    const basic = readFromLog(bearer.authorizationServer, /(Basic \S+)/);
    holds({ en: "from the fintech's callback log", ja: 'フィンテックのコールバックログから' }, code);
    await steal({
      what: {
        en: 'redeemed with the client secret from a URL log',
        ja: 'ログにあったクライアントシークレットで引き換える',
      },
      act: () =>
        httpsCall(bearer.thief, {
          method: 'POST',
          url: `${bearer.authorizationServer.url}/token`,
          headers: [['authorization', basic]],
          form: [
            ['grant_type', 'authorization_code'],
            ['client_id', WEAK_CLIENT],
            ['code', code],
          ],
        }),
      proof: tokenIn,
    });
  },

  async onReal(stage) {
    const { real, holds, attempt, unchanged, honest } = stage;
    const { first, second } = real;
    const approved = await first.approvedBy(real.alice);
    holds({ en: "Alice's code", ja: 'アリスの認可コード' }, approved.code);
    const redeem = (caller: Caller, form: readonly Field[]) =>
      httpsCall(caller, { method: 'POST', url: real.discovery.mtls.token, form });

    await attempt({
      variant: 'a',
      what: { en: 'as another client, with its own certificate', ja: '別のクライアントとして、自分の証明書で' },
      act: () => redeem(second.caller, inTheNameOf(second.clientId, first.redemption(approved))),
      refusedWith: [IG],
      reason: 'code_foreign',
    });
    await attempt({
      variant: 'b',
      what: { en: 'in the victim’s name, without a certificate', ja: '被害者の名で、証明書なしで' },
      act: () => redeem(real.caller('the thief'), first.redemption(approved)),
      refusedWith: [IC, TLSX],
      reason: 'certificate_missing',
    });
    await attempt({
      variant: 'c',
      what: { en: 'in the victim’s name, with the own certificate', ja: '被害者の名で、自分の証明書で' },
      act: () => redeem(second.caller, first.redemption(approved)),
      refusedWith: [IC, TLSX],
      reason: 'certificate_subject_mismatch',
    });
    // From here on the thief even sits at the right client; what he lacks is the verifier, which never left it.
    await attempt({
      variant: 'd',
      what: { en: 'through the right client, with a wrong verifier', ja: '正しいクライアントで、誤った検証値で' },
      act: () => first.redeem({ ...approved, verifier: first.newVerifier() }),
      refusedWith: [IG],
      reason: 'code_verifier_mismatch',
    });
    await attempt({
      variant: 'e',
      what: { en: 'through the right client, without a verifier', ja: '正しいクライアントで、検証値なしで' },
      act: () => redeem(first.caller, withoutVerifier(first.redemption(approved))),
      refusedWith: [IG],
      reason: 'code_verifier_missing',
    });

    const redeemed = await honest(
      { en: 'the rightful client redeems the code', ja: '正規クライアントが認可コードを引き換える' },
      () => first.redeem(approved),
    );
    await unchanged(
      { en: 'five attempts did not burn the code', ja: '5回の試行でもコードは無効になっていない' },
      async () => (redeemed.status === 200 ? undefined : 'the rightful owner could no longer redeem it'),
    );
    if (redeemed.status === 200) first.linkFrom(redeemed);
  },
};

/** The thief knows everything that was in the redirect, and, to be generous, even the verifier. */
function inTheNameOf(clientId: string, form: readonly Field[]): readonly Field[] {
  return form.map(([name, value]): Field => [name, name === 'client_id' ? clientId : value]);
}

function withoutVerifier(form: ReturnType<(approved: ApprovedCode) => readonly Field[]>): readonly Field[] {
  return form.filter(([name]) => name !== 'code_verifier');
}
