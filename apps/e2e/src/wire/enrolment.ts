import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Http } from './http.ts';
import type { Holder, PemIdentity } from './http.ts';

export interface EnrolmentOrder {
  /** URL of the label: `https://ca.localhost:9843/.well-known/est/services`. */
  readonly label: string;
  /** By whose certificate the authority knows who asks. */
  readonly holder: Holder;
  /** As `-subj` takes it. */
  readonly subject: string;
  /** As `subjectAltName` takes them: `DNS:rpc.bank.localhost`. */
  readonly names: string;
}

/** A new key and a certificate for it, with OpenSSL's command line and one request. RFC7030-4.2.1 */
export async function enrolled(home: string, { label, holder, subject, names }: EnrolmentOrder): Promise<PemIdentity> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-enrol-'));
  const http = new Http(home, holder);
  try {
    const key = join(folder, 'key');
    const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key];
    const args = ['req', '-new', ...made, '-subj', subject, '-addext', `subjectAltName=${names}`, '-outform', 'DER'];
    const request = execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const headers = { 'content-type': 'application/pkcs10' };
    const body = request.toString('base64');
    const { status, text } = await http.ask(`${label}/simpleenroll`, { method: 'POST', headers, body });
    if (status !== 200) throw new Error(`the authority answered ${status} ${text}`);
    const input = Buffer.from(text, 'base64');
    const cert = execFileSync('openssl', ['pkcs7', '-inform', 'DER', '-print_certs'], { input, encoding: 'utf8' });
    return { cert, key: readFileSync(key, 'utf8') };
  } finally {
    await http.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
