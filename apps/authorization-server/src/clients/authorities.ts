import { loadTrust, parsePeerCertificate } from '@holdfast/mtls';

/** Authorities of the trust bundle by their common name; pinned by key, so the name only finds them. */
export function authoritiesIn(trustFile: string): ReadonlyMap<string, Buffer> {
  return new Map(
    loadTrust(trustFile).certificates.map(({ raw }) => {
      const { subject } = parsePeerCertificate(raw);
      return [commonName(subject), raw] as const;
    }),
  );
}

function commonName(subject: ReturnType<typeof parsePeerCertificate>['subject']): string {
  const attributes = subject.flat();
  return attributes.find(({ type }) => type === '2.5.4.3')?.text ?? '';
}
