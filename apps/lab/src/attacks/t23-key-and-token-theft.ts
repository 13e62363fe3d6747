import { FIRST, readAccounts } from '../control-group/naive-mtls/naive-mtls-stack.ts';
import { ALICE } from '../control-group/weak-customers.ts';
import type { RealStack } from '../real/real-stack.ts';
import type { Attack } from '../run/attack.ts';
import type { RealStage } from '../run/real-stage.ts';
import { IC, R401, TLSX } from '../run/refusal.ts';
import { thumbprintOf } from '../wire/caller.ts';
import type { Caller } from '../wire/caller.ts';
import type { HttpsRequest, KeptConnection } from '../wire/https-call.ts';
import { httpsCall, keepConnection } from '../wire/https-call.ts';
import type { Secret } from '../wire/secret.ts';
import { bearer } from '../wire/secret.ts';
import { lookAtTls } from '../wire/tls-sight.ts';
import { balanceOf } from './loot.ts';
import { untilRefused } from './until-refused.ts';
import type { Victim } from './victim.ts';
import { linkAlice, ownerIsServed } from './victim.ts';

/** Milliseconds within which a revocation has to bite. Our choice, no clause. */
const BOUND_MS = 2_000;

export const keyAndTokenTheft: Attack = {
  id: 'T23',
  slug: 'key-and-token-theft',
  title: { en: 'The private key is stolen too', ja: '秘密鍵まで盗まれたら' },
  story: {
    en: 'A key file is left in a build artefact. Whoever has key and token is the fintech: no protocol can tell them apart. What counts is how fast one command of the operator ends it.',
    ja: 'ビルド成果物に鍵ファイルが残っていました。鍵とトークンの両方を持つ者は、プロトコル上フィンテック本人と区別できません。肝心なのは、運用者のコマンド一つでどれだけ早く止められるかです。',
  },
  attacker: 'IMP',
  holds: { en: 'the private key, the certificate and Alice’s token', ja: '秘密鍵、証明書、アリスのトークン' },
  clauses: ['RFC8705-7.4', 'RFC5280-3.3'],
  control: 'naive-mtls',
  needsOperator: true,

  async onControl({ naive, holds, steal }) {
    const { accessToken } = await naive.aliceLinks();
    holds({ en: 'the first fintech’s key and token', ja: '第一のフィンテックの鍵とトークン' }, accessToken);
    const thief = naive.caller('the thief', naive.held.first);
    await steal({
      variant: 'a',
      what: { en: 'the accounts, with key and token', ja: '鍵とトークンで口座を読む' },
      act: () => readAccounts(thief, naive.unboundBank.url, accessToken),
      proof: balanceOf(ALICE),
    });
    naive.takeBack(naive.held.first);
    await steal({
      variant: 'b',
      what: {
        en: `the same, the certificate of ${FIRST} being on a revocation list that nobody reads`,
        ja: `失効リストに載せた後の同じ呼び出し（リストは誰も読まない）`,
      },
      act: () => readAccounts(thief, naive.unboundBank.url, accessToken),
      proof: balanceOf(ALICE),
    });
  },

  async onReal(stage) {
    const { real, holds } = stage;
    const untouched = await linkAlice(stage);
    const careless = await real.certifyCareless();
    const victim = await linkAlice(stage, careless.client);
    const thief = real.caller('the thief', careless.certificate);
    holds(
      { en: 'the private key that belongs to this certificate', ja: 'この証明書の秘密鍵' },
      thumbprintOf(careless.certificate.certificatePem),
    );
    const open = keepConnection(thief, real.bankUrl);
    try {
      await sayTheLimit(stage, open, victim);
      const { session } = await sightOf(real, thief);
      await operatorOf(real).revoke(real.carelessName);
      await tryEverything(stage, { open, thief, victim, session });
    } finally {
      await open.close();
    }
    await comeBack(stage, victim);
    await ownerIsServed(stage, untouched);
  },
};

/** Said aloud: before the operator acts, the thief is the fintech. If he were refused here, nothing below would prove anything. */
async function sayTheLimit({ real, holds }: RealStage, open: KeptConnection, { accessToken }: Victim): Promise<void> {
  const { status } = await open.call(accountsOf(real, accessToken));
  if (status !== 200) throw new Error(`the thief was refused before anything was revoked: ${status}`);
  holds(
    {
      en: 'OUR HONEST LIMIT: with the key the thief is served, until somebody notices',
      ja: '正直な限界：鍵を持つ盗人には、気付かれるまで応答してしまう',
    },
    `HTTP ${status}`,
  );
}

interface Loot {
  readonly open: KeptConnection;
  readonly thief: Caller;
  readonly victim: Victim;
  readonly session: Buffer | undefined;
}

async function tryEverything({ real, attempt }: RealStage, { open, thief, victim, session }: Loot): Promise<void> {
  const request = accountsOf(real, victim.accessToken);
  const revoked = { refusedWith: [R401, TLSX], reason: 'certificate_revoked' };
  await attempt({
    variant: 'a',
    what: { en: 'the connection he has kept open, within two seconds', ja: '開いたままの接続（2秒以内）' },
    act: () => untilRefused(() => open.call(request), BOUND_MS),
    ...revoked,
  });
  await attempt({
    variant: 'b',
    what: { en: 'a new connection', ja: '新しい接続' },
    act: () => httpsCall(thief, request),
    ...revoked,
  });
  await attempt({
    variant: 'c',
    what: { en: 'a new connection that offers the session of before', ja: '以前のセッションを提示する新しい接続' },
    act: () => resumed(thief, request, session),
    ...revoked,
  });
  await attempt({
    variant: 'd',
    what: { en: 'the refresh token, at the authorization server', ja: '認可サーバーでリフレッシュトークンを使う' },
    act: () => victim.client.refresh(victim.refreshToken),
    refusedWith: [IC, TLSX],
    reason: 'certificate_revoked',
  });
}

/** The careless client gets another certificate over another key; Alice has to do nothing. */
async function comeBack({ real, honest }: RealStage, victim: Victim): Promise<void> {
  const again = await real.certifyCareless();
  await honest(
    { en: 'the fintech, certified anew, refreshes with its new key', ja: '新しい証明書のフィンテックが更新する' },
    () => again.client.refresh(victim.refreshToken),
  );
  await again.client.giveBack(victim.refreshToken);
}

const accountsOf = (real: RealStack, token: Secret): HttpsRequest => ({
  method: 'GET',
  url: `${real.bankUrl}/accounts`,
  headers: [bearer(token)],
});

/** What the thief could come back with, taken while his certificate was good. */
async function sightOf(real: RealStack, thief: Caller): Promise<{ session: Buffer | undefined }> {
  const { hostname, port } = new URL(real.bankUrl);
  const sight = await lookAtTls(thief, { name: 'the bank', host: hostname, port: Number(port) });
  return { session: sight.kind === 'open' ? sight.session : undefined };
}

async function resumed(thief: Caller, request: HttpsRequest, session: Buffer | undefined) {
  const connection = keepConnection(thief, new URL(request.url).origin, session);
  try {
    return await connection.call(request);
  } finally {
    await connection.close();
  }
}

function operatorOf({ operator }: RealStack) {
  if (operator !== undefined) return operator;
  throw new Error('this lab has no operator: revoke by hand with npm run pki -- revoke <name>');
}
