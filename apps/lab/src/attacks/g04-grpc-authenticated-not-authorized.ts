import { ALICE } from '../control-group/weak-customers.ts';
import type { RealStack } from '../real/real-stack.ts';
import type { Attack } from '../run/attack.ts';
import type { Refusal } from '../run/refusal.ts';
import { PD, UNIMPLEMENTED } from '../run/refusal.ts';
import type { Caller } from '../wire/caller.ts';
import type { Exchange } from '../wire/https-call.ts';
import { authorizeConsent, exportEverything, listShareableAccounts, revokeConsent } from './account-directory.ts';
import { accountOfAlice } from './g01-grpc-without-certificate.ts';
import { introspect, watchRevocations } from './token-status.ts';
import { linkAlice, ownerIsServed } from './victim.ts';

export const grpcAuthenticatedNotAuthorized: Attack = {
  id: 'G04',
  slug: 'grpc-authn-not-authz',
  title: { en: 'One conquered service calls all the others', ja: '乗っ取られた内部サービス' },
  story: {
    en: 'An attacker owns one internal service with a valid certificate. It is known everywhere, and still may not call what it was never meant to call.',
    ja: '攻撃者は有効な証明書を持つ内部サービスを一つ掌握します。身元は確かでも、呼んでよいと決められたもの以外は呼べません。',
  },
  attacker: 'A2, IMP',
  holds: {
    en: 'a valid internal certificate of a service that needs no account data',
    ja: '口座情報を必要としない内部サービスの有効な証明書',
  },
  // Our rule, no clause: which service may call which method is a matter of this platform.
  clauses: [],
  control: 'naive-mtls',

  async onControl({ naive, steal }) {
    const server = { address: naive.friendlyDirectory, serverName: 'rpc.weak.invalid' };
    const service = naive.caller('the conquered service', naive.held.service);
    await steal({
      variant: 'a',
      what: { en: 'ListShareableAccounts of Alice', ja: 'アリスの口座一覧' },
      act: () => listShareableAccounts(service, server, ALICE.login),
      proof: accountOfAlice,
    });
    await steal({
      variant: 'b',
      what: { en: 'AuthorizeConsent in Alice’s name', ja: 'アリスの名で同意を作成' },
      act: () => authorizeConsent(service, server, ALICE.login),
      proof: (exchange) => consentIn(exchange),
    });
  },

  async onReal(stage) {
    const { real, attempt } = stage;
    const victim = await linkAlice(stage);
    const service = real.internalCaller('the conquered service', real.held.service);
    for (const { variant, method, call, refusedWith, reason } of calls(real)) {
      await attempt({
        variant,
        what: { en: method, ja: method },
        act: () => call(service),
        refusedWith,
        ...(reason === undefined ? {} : { reason }),
      });
    }
    await ownerIsServed(stage, victim);
  },
};

interface ForbiddenCall {
  readonly variant: string;
  readonly method: string;
  readonly call: (service: Caller) => Promise<Exchange>;
  readonly refusedWith: readonly Refusal[];
  readonly reason?: string;
}

/** Every method of both contracts, and one that does not exist. */
function calls({ rpc }: RealStack): readonly ForbiddenCall[] {
  const { accountDirectory, tokenStatus } = rpc;
  const listed = { refusedWith: [PD], reason: 'caller_not_listed' };
  return [
    {
      variant: 'a',
      method: 'ListShareableAccounts',
      call: (s) => listShareableAccounts(s, accountDirectory),
      ...listed,
    },
    { variant: 'b', method: 'AuthorizeConsent', call: (s) => authorizeConsent(s, accountDirectory), ...listed },
    { variant: 'c', method: 'RevokeConsent', call: (s) => revokeConsent(s, accountDirectory), ...listed },
    { variant: 'd', method: 'Introspect', call: (s) => introspect(s, tokenStatus), ...listed },
    { variant: 'e', method: 'WatchRevocations', call: (s) => watchRevocations(s, tokenStatus), ...listed },
    // Closed by default means: also what nobody thought of.
    {
      variant: 'f',
      method: 'ExportEverything',
      call: (s) => exportEverything(s, accountDirectory),
      refusedWith: [PD, UNIMPLEMENTED],
    },
  ];
}

function consentIn(exchange: Exchange): string | undefined {
  return exchange.message?.includes(`weak-consent-of-${ALICE.login}`) === true
    ? 'a consent in Alice’s name'
    : undefined;
}
