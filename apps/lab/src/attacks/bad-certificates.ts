import { readAccounts, CALLBACK, FIRST } from '../control-group/naive-mtls/naive-mtls-stack.ts';
import { ALICE } from '../control-group/weak-customers.ts';
import type { ControlStage } from '../run/control-stage.ts';
import type { RealStage } from '../run/real-stage.ts';
import { IC, R401, TLSX } from '../run/refusal.ts';
import type { Text } from '../run/text.ts';
import type { HeldCertificate } from '../wire/caller.ts';
import { httpsCall } from '../wire/https-call.ts';
import { bearer } from '../wire/secret.ts';
import { balanceOf, tokenIn } from './loot.ts';
import type { Victim } from './victim.ts';

/** A certificate that should not be accepted, and why not. */
export interface BadCertificate {
  readonly variant: string;
  readonly what: Text;
  readonly certificate: HeldCertificate;
  /** The reason the real platform must give; the control group has none. */
  readonly reason: string;
  readonly reasonThroughProxy?: string;
}

/** Of an authority nobody knows. A proxy may pass the leaf on and keep what came with it: then its issuer is not even seen. */
export const UNKNOWN_AUTHORITY = { reason: 'certificate_untrusted', reasonThroughProxy: 'chain_incomplete' } as const;

/** Shows bad certificates to the naive authorization server and the naive bank. Nobody there looks at them. */
export async function showToControl(
  { naive, holds, steal }: ControlStage,
  certificates: readonly Omit<BadCertificate, 'reason'>[],
): Promise<void> {
  const { accessToken } = await naive.aliceLinks();
  holds({ en: "Alice's token", ja: 'アリスのトークン' }, accessToken);
  for (const { variant, what, certificate } of certificates) {
    const caller = naive.caller(what.en, certificate);
    await steal({
      variant,
      what: { en: `${what.en}: as the first fintech`, ja: `${what.ja}：第一のフィンテックとして` },
      act: () =>
        httpsCall(caller, {
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
      variant,
      what: { en: `${what.en}: at the bank`, ja: `${what.ja}：銀行で` },
      act: () => readAccounts(caller, naive.unboundBank.url, accessToken),
      proof: balanceOf(ALICE),
    });
  }
}

/** Shows bad certificates to the real authorization server, in the rightful client's name, and to the real bank, with its token. */
export async function showToReal(
  { real, attempt }: RealStage,
  victim: Victim,
  certificates: readonly BadCertificate[],
): Promise<void> {
  const { first, discovery, bankUrl } = real;
  for (const { variant, what, certificate, ...reasons } of certificates) {
    const caller = real.caller(what.en, certificate);
    await attempt({
      variant,
      what: { en: `${what.en}: as the first client`, ja: `${what.ja}：第一のクライアントとして` },
      act: () =>
        httpsCall(caller, {
          method: 'POST',
          url: discovery.mtls.par,
          form: first.authorizationRequest(first.newVerifier(), 'bad-certificate'),
        }),
      refusedWith: [IC, TLSX],
      ...reasons,
    });
    await attempt({
      variant,
      what: { en: `${what.en}: at the bank, with Alice’s token`, ja: `${what.ja}：銀行でアリスのトークンを使う` },
      act: () =>
        httpsCall(caller, { method: 'GET', url: `${bankUrl}/accounts`, headers: [bearer(victim.accessToken)] }),
      refusedWith: [R401, TLSX],
      ...reasons,
    });
  }
}
