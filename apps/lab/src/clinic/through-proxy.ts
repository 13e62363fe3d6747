import type { Patient } from '@holdfast/mtls/clinic';

type Otherwise = Partial<Pick<Patient, 'code' | 'foundAt'>>;

/**
 * What turns out otherwise when a proxy stands in front: nginx passes the leaf on and nothing that came with it, HAProxy 2.6 ends some
 * handshakes by itself (infra/proxy/README.md). By the name that the proxy gives itself in `Via`, then by patient.
 */
const THROUGH_PROXY: Readonly<Record<string, Readonly<Record<string, Otherwise>>>> = {
  nginx: {
    'unknown-authority': { code: 'chain_incomplete' },
    'issued-by-leaf': { code: 'chain_incomplete' },
  },
  haproxy: { 'issued-by-leaf': { foundAt: 'handshake' } },
};

/** The name of the last proxy an answer came through, as it says itself: `1.1 nginx`. RFC9110-7.6.3. */
export const proxyIn = (via: string | undefined): string | undefined => via?.split(',').at(-1)?.trim().split(' ')[1];

/** What may be expected of a patient: as without a proxy, or as the one in front has it. */
export function asSeenThrough(proxy: string | undefined, patient: Patient): readonly Patient[] {
  const otherwise = proxy === undefined ? undefined : THROUGH_PROXY[proxy]?.[patient.id];
  if (otherwise === undefined) return [patient];
  // Its files show what they show, whoever stands in front.
  const onPaper = patient.onPaper ?? patient.code;
  return [patient, { ...patient, ...(onPaper && { onPaper }), ...otherwise }];
}
