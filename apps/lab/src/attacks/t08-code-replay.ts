import { readFromLog } from '../control-group/bearer/bearer-stack.ts';
import { WEAK_CLIENT } from '../control-group/bearer/bearer-authorization-server.ts';
import { ALICE } from '../control-group/weak-customers.ts';
import type { Attack } from '../run/attack.ts';
import { IG, R401 } from '../run/refusal.ts';
import { httpsCall, jsonOf } from '../wire/https-call.ts';
import { bearer as bearerHeader, Secret } from '../wire/secret.ts';
import { balanceOf, tokenIn } from './loot.ts';
import { untilRefused } from './until-refused.ts';
import { linkAlice, ownerIsServed } from './victim.ts';

export const codeReplay: Attack = {
  id: 'T08',
  slug: 'code-replay-revokes',
  title: { en: 'The same code a second time', ja: '同じ認可コードの二度使い' },
  story: {
    en: 'A code that comes twice was seen by somebody else. The second use gets nothing, and kills what the first one got.',
    ja: '二度届いたコードは、誰かに見られています。二度目は何も得られず、一度目に発行されたものも無効になります。',
  },
  attacker: 'A1',
  holds: { en: 'a code that was already redeemed', ja: '引き換え済みの認可コード' },
  clauses: ['RFC6749-4.1.2', 'RFC9700-4.5', 'FAPI2-SP-FINAL-5.3.4-3'],
  control: 'bearer',

  async onControl({ bearer, holds, steal }) {
    await bearer.aliceUsesTheFintech();
    const code = readFromLog(bearer.fintech, /[?&]code=([\w-]+)/);
    holds({ en: 'a code the fintech has already redeemed', ja: 'フィンテックが引き換え済みのコード' }, code);
    const url = `${bearer.authorizationServer.url}/token?client_id=${WEAK_CLIENT}&grant_type=authorization_code`;
    await steal({
      what: { en: 'redeemed again, twice; every token works', ja: '再び二度引き換え、どのトークンも使える' },
      async act() {
        const redeem = () => httpsCall(bearer.thief, { method: 'POST', url, form: [['code', code]] });
        const [one, two] = [await redeem(), await redeem()];
        const token = new Secret(String(jsonOf(one)['access_token']));
        const read = { method: 'GET', url: `${bearer.bank.url}/accounts`, headers: [bearerHeader(token)] } as const;
        return [one, two, await httpsCall(bearer.thief, read)];
      },
      proof: (exchange) => tokenIn(exchange) ?? balanceOf(ALICE)(exchange),
    });
  },

  async onReal(stage) {
    const { real, holds, attempt } = stage;
    const { first } = real;
    const untouched = await linkAlice(stage);
    const approved = await first.approvedBy(real.alice);
    const link = first.linkFrom(await first.redeem(approved));
    if ((await first.readAccounts(link.accessToken)).status !== 200) throw new Error('the first redemption is no good');
    holds({ en: 'a code that was redeemed and used', ja: '引き換えて使用済みの認可コード' }, approved.code);

    await attempt({
      variant: 'a',
      what: { en: 'the second redemption, with everything right', ja: 'すべて正しい二度目の引き換え' },
      act: () => first.redeem(approved),
      refusedWith: [IG],
      reason: 'code_used',
    });
    await attempt({
      variant: 'b',
      what: {
        en: 'the first access token afterwards, within five seconds',
        ja: '直後（5秒以内）の一度目のアクセストークン',
      },
      act: () => untilRefused(() => first.readAccounts(link.accessToken)),
      refusedWith: [R401],
      reason: 'token_revoked',
    });
    await attempt({
      variant: 'c',
      what: { en: 'the first refresh token afterwards', ja: '直後の一度目のリフレッシュトークン' },
      act: () => first.refresh(link.refreshToken),
      refusedWith: [IG],
      reason: 'grant_revoked',
    });
    // Alice's other link with the same client is another grant, and nobody's business here.
    await ownerIsServed(stage, untouched);
  },
};
