import { ALICE } from '../control-group/weak-customers.ts';
import type { Attack } from '../run/attack.ts';
import { UN14 } from '../run/refusal.ts';
import type { Exchange } from '../wire/https-call.ts';
import { listShareableAccounts } from './account-directory.ts';
import { introspect } from './token-status.ts';
import { linkAlice, ownerIsServed } from './victim.ts';

export const grpcWithoutCertificate: Attack = {
  id: 'G01',
  slug: 'grpc-no-cert',
  title: { en: 'Into the internal network, empty-handed', ja: '手ぶらで内部ネットワークへ' },
  story: {
    en: 'Somebody got into the internal network and calls the bank’s services directly. Encrypted does not mean invited.',
    ja: '内部ネットワークに入り込み、銀行のサービスを直接呼び出します。暗号化されていても、招かれているとは限りません。',
  },
  attacker: 'A2, IMP',
  holds: { en: 'a way into the internal network', ja: '内部ネットワークへの足がかり' },
  clauses: ['RFC8446-4.4.2.4'],
  control: 'naive-mtls',

  async onControl({ naive, steal }) {
    const server = { address: naive.openDirectory, serverName: 'rpc.weak.invalid' };
    await steal({
      what: { en: 'ListShareableAccounts without a certificate', ja: '証明書なしでListShareableAccounts' },
      act: () => listShareableAccounts(naive.caller('the intruder'), server, ALICE.login),
      proof: accountOfAlice,
    });
  },

  async onReal(stage) {
    const { real, attempt } = stage;
    const victim = await linkAlice(stage);
    const intruder = real.internalCaller('the intruder');
    await attempt({
      variant: 'a',
      what: { en: 'the bank’s account directory', ja: '銀行の口座ディレクトリ' },
      act: () => listShareableAccounts(intruder, real.rpc.accountDirectory),
      refusedWith: [UN14],
      reason: 'certificate_missing',
    });
    await attempt({
      variant: 'b',
      what: { en: 'the authorization server’s token status', ja: '認可サーバーのトークン状態' },
      act: () => introspect(intruder, real.rpc.tokenStatus),
      refusedWith: [UN14],
      reason: 'certificate_missing',
    });
    await ownerIsServed(stage, victim);
  },
};

/** Proof of a theft over gRPC: Alice's account is in the answer. */
export function accountOfAlice(exchange: Exchange): string | undefined {
  return exchange.message?.includes(ALICE.accountId) === true
    ? `Alice: ${ALICE.accountId}, ${ALICE.balance} EUR`
    : undefined;
}
