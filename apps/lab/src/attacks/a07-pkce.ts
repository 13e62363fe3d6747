import { readFromLog } from '../control-group/bearer/bearer-stack.ts';
import { ALICE } from '../control-group/weak-customers.ts';
import type { RealStack } from '../real/real-stack.ts';
import type { Attack } from '../run/attack.ts';
import { IG, IR } from '../run/refusal.ts';
import type { Exchange, Field } from '../wire/https-call.ts';
import { httpsCall } from '../wire/https-call.ts';
import { balanceOf } from './loot.ts';

export const pkceAttacks: Attack = {
  id: 'A07',
  slug: 'pkce-attacks',
  title: { en: 'Taking the lock off the code', ja: '認可コードの錠を外す' },
  story: {
    en: 'PKCE locks a code to the flow that asked for it. I leave the lock out, weaken it, or bring a key of another flow.',
    ja: 'PKCEは認可コードを、それを求めたフローに固定します。錠を省く、弱める、別のフローの鍵を使う、を試します。',
  },
  attacker: 'A1',
  holds: { en: 'an own flow, and a code of somebody else', ja: '自分のフローと、他人の認可コード' },
  clauses: ['FAPI2-SP-FINAL-5.3.2.2-5', 'FAPI2-SP-FINAL-5.3.3.2-4', 'RFC7636-4.6', 'RFC9700-4.8'],
  control: 'bearer',

  async onControl({ bearer, holds, steal }) {
    await bearer.aliceUsesTheFintech();
    const code = readFromLog(bearer.fintech, /[?&]code=([\w-]+)/);
    holds({ en: "Alice's code, from a log", ja: 'ログから得たアリスのコード' }, code);
    await steal({
      what: {
        en: 'Alice’s code, injected into Mallory’s own session',
        ja: 'アリスのコードをマロリーのセッションに注入する',
      },
      async act() {
        const mallory = bearer.browser('Mallory', [bearer.fintech.url]);
        await mallory.open(`${bearer.fintech.url}/link`);
        return (await mallory.open(`${bearer.fintech.url}/callback?code=${code.reveal()}`)).exchange;
      },
      proof: balanceOf(ALICE),
    });
  },

  async onReal(stage) {
    const { real, holds, attempt, unchanged, honest } = stage;
    const { first } = real;
    for (const { variant, what, change, reason } of WEAKENED) {
      await attempt({ variant, what, act: () => pushChanged(real, change), refusedWith: [IR], reason });
    }

    const approved = await first.approvedBy(real.alice);
    holds({ en: "Alice's code", ja: 'アリスの認可コード' }, approved.code);
    await attempt({
      variant: 'd',
      what: { en: 'redeemed with a wrong verifier', ja: '誤った検証値で引き換える' },
      act: () => first.redeem({ ...approved, verifier: first.newVerifier() }),
      refusedWith: [IG],
      reason: 'code_verifier_mismatch',
    });
    await attempt({
      variant: 'e',
      what: { en: 'injected into another flow of the same client', ja: '同じクライアントの別フローに注入する' },
      act: async () => first.redeem({ ...approved, verifier: (await first.push()).verifier }),
      refusedWith: [IG],
      reason: 'code_verifier_mismatch',
    });

    const redeemed = await honest(
      { en: 'the flow that asked for the code redeems it', ja: 'コードを求めたフローが引き換える' },
      () => first.redeem(approved),
    );
    await unchanged(
      { en: 'the attempts did not burn the code', ja: '試行によってコードは無効になっていない' },
      async () => (redeemed.status === 200 ? undefined : 'the rightful flow could no longer redeem it'),
    );
    if (redeemed.status === 200) first.linkFrom(redeemed);
  },
};

/** Requests whose lock is missing, made of glass, or too short. */
const WEAKENED = [
  {
    variant: 'a',
    what: { en: 'a request without code_challenge', ja: 'code_challengeなしのリクエスト' },
    change: { code_challenge: undefined, code_challenge_method: undefined },
    reason: 'code_challenge_missing',
  },
  {
    variant: 'b',
    what: { en: 'a request with method "plain"', ja: 'plain方式のリクエスト' },
    change: { code_challenge_method: 'plain' },
    reason: 'code_challenge_method_unsupported',
  },
  {
    variant: 'c',
    what: { en: 'a challenge of 42 characters', ja: '42文字のチャレンジ' },
    change: { code_challenge: 'A'.repeat(42) },
    reason: 'code_challenge_malformed',
  },
] as const;

function pushChanged(real: RealStack, change: Readonly<Record<string, string | undefined>>): Promise<Exchange> {
  const { first, discovery } = real;
  const form = first
    .authorizationRequest(first.newVerifier(), 'pkce')
    .map(([name, value]): readonly [string, Field[1] | undefined] => [name, name in change ? change[name] : value])
    .filter((field): field is Field => field[1] !== undefined);
  return httpsCall(first.caller, { method: 'POST', url: discovery.mtls.par, form });
}
