import { execFileSync } from 'node:child_process';
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueLeaf, keyPemOf } from '@holdfast/mtls/authority';
import type { Authority, Leaf, LeafRequest } from '@holdfast/mtls/authority';
import type { PemIdentity } from './http.ts';

export type Door = 'web' | 'participants' | 'services';

const MINUTE = 60_000;
/** In force for an hour from a minute ago. */
export const inForce = () => ({
  notBefore: new Date(Date.now() - MINUTE),
  notAfter: new Date(Date.now() + 60 * MINUTE),
});

/** An authority of a home with its private keys: what no attacker has, and who makes their certificates needs. */
export class HomeAuthority {
  readonly root: Authority;
  readonly intermediate: Authority;

  constructor(home: string, door: Door) {
    this.root = { ...pairAt(join(home, 'offline', door, 'root')), chain: [] };
    const intermediate = pairAt(join(home, 'pki/authority', door, 'intermediate'));
    this.intermediate = { ...intermediate, chain: [intermediate.certificate] };
  }

  /** A leaf that is right but for what the order says. */
  issue(order: Partial<LeafRequest> & Pick<LeafRequest, 'subject'>): PemIdentity {
    const honest = { issuer: this.intermediate, purpose: 'client', random: randomBytes, ...inForce() } as const;
    return pemsOf(issueLeaf({ ...honest, ...order }));
  }
}

const pairAt = (file: string): Pick<Authority, 'certificate' | 'key'> => ({
  certificate: new X509Certificate(readFileSync(`${file}.crt`)),
  key: createPrivateKey(readFileSync(`${file}.key`)),
});

/** A holder of a leaf who acts as an authority. */
export function asAuthority({ cert, key }: PemIdentity): Authority {
  const chain = (cert.match(/-----BEGIN[^]*?-----END CERTIFICATE-----/g) ?? []).map((pem) => new X509Certificate(pem));
  const [certificate] = chain;
  if (certificate === undefined) throw new Error('there is no certificate in it');
  return { certificate, key: createPrivateKey(key), chain };
}

export interface OpensslOrder {
  readonly issuer: Authority;
  /** As `-subj` takes it: `/O=Organization/CN=name`. */
  readonly subject: string;
  /** Lines of an extension file: `basicConstraints=critical,CA:TRUE`. */
  readonly extensions: readonly string[];
  readonly digest?: 'sha1' | 'sha256';
}

/** A certificate that our own issuing would not make, as OpenSSL's command line makes it. */
export function opensslIssue({ issuer, subject, extensions, digest = 'sha256' }: OpensslOrder): PemIdentity {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-issue-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    writeFileSync(at('ca.crt'), issuer.certificate.toString());
    writeFileSync(at('ca.key'), keyPemOf(issuer.key), { mode: 0o600 });
    writeFileSync(
      at('extensions'),
      [...extensions, 'subjectKeyIdentifier=hash', 'authorityKeyIdentifier=keyid'].join('\n'),
    );
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', at('key')];
    openssl('req', '-new', ...key, '-subj', subject, '-out', at('request'));
    const ca = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-days', '1', `-${digest}`];
    const certificate = openssl('x509', '-req', '-in', at('request'), ...ca, '-extfile', at('extensions'));
    const chain = issuer.chain.map((each) => each.toString()).join('');
    return { cert: certificate.toString() + chain, key: readFileSync(at('key'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const pemsOf = ({ certificatePem, keyPem }: Leaf): PemIdentity => ({ cert: certificatePem, key: keyPem });
