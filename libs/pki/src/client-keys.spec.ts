import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thumbprint } from '@holdfast/mtls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensurePki } from './ensure-pki.ts';
import { readPkiList } from './pki-list.ts';
import type { ListedClientKey, PkiList } from './pki-list.ts';

const DAY = 86_400_000;
const NOW = new Date();
const NAME = 'lab/assertion-client';
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-client-keys-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

/** What was made, for the holders that matter here. */
function ensure(now = NOW, change: Partial<ListedClientKey> = {}): string[] {
  const list = readPkiList();
  const listed: ListedClientKey = { subject: 'CN=lab-assertion-client', algorithm: 'ES256', ...change };
  const only: PkiList = { ...list, leaves: {}, secrets: [], clientKeys: { [NAME]: listed } };
  const done: string[] = [];
  ensurePki({ home, now, list: only, report: (what) => done.push(what) });
  return done.filter((what) => what.endsWith(NAME));
}
const file = (name: string): string => join(home, 'pki', name);
const certificate = (): X509Certificate => new X509Certificate(readFileSync(file(`${NAME}.crt`)));
const published = () =>
  JSON.parse(readFileSync(file('trust/lab-assertion-client.jwks.json'), 'utf8')) as { keys: Record<string, unknown>[] };

describe('the published half of a client key', () => {
  it('holds no private member, whatever the algorithm [RFC7517-9.2]', () => {
    for (const algorithm of ['ES256', 'PS256'] as const) {
      ensure(NOW, { algorithm });
      const [key = {}] = published().keys;
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']) expect(key).not.toHaveProperty(secret);
      expect(key).toMatchObject({ alg: algorithm, use: 'sig' });
    }
  });

  it('is the key of the certificate in it, which nobody else vouches for [RFC7517-4.7] [RFC8705-2.2]', () => {
    ensure();
    const [{ x5c, ...jwk } = {}] = published().keys;
    const certified = new X509Certificate(Buffer.from((x5c as string[])[0] ?? '', 'base64'));
    expect(certified.raw.equals(certificate().raw)).toBe(true);
    expect(certified.verify(certified.publicKey)).toBe(true);
    expect(certified.ca).toBe(false);
    expect(createPublicKey({ key: jwk, format: 'jwk' }).equals(certified.publicKey)).toBe(true);
    expect(jwk['kid']).toBe(thumbprint(certified.raw));
  });

  it('is written again when somebody changed it', () => {
    ensure();
    const before = published();
    writeFileSync(file('trust/lab-assertion-client.jwks.json'), '{"keys":[]}');
    expect(ensure()).toEqual([]);
    expect(published()).toEqual(before);
  });
});

describe('a client key', () => {
  it('is made once, for its holder alone to read', () => {
    expect(ensure()).toEqual([`made ${NAME}`]);
    expect(ensure(new Date(NOW.getTime() + 300 * DAY))).toEqual([]);
    expect(statSync(file(`${NAME}.key`)).mode & 0o777).toBe(0o600);
    expect(certificate().checkPrivateKey(createPrivateKey(readFileSync(file(`${NAME}.key`))))).toBe(true);
  });

  it.each<[string, () => string[]]>([
    ['its certificate has ended', () => ensure(new Date(NOW.getTime() + 400 * DAY))],
    ['the list says another algorithm', () => ensure(NOW, { algorithm: 'PS256' })],
    ['the list says another name', () => ensure(NOW, { subject: 'CN=other' })],
    [
      'half of it is missing',
      () => {
        rmSync(file(`${NAME}.key`));
        return ensure();
      },
    ],
  ])('is made anew when %s', (_, again) => {
    ensure();
    const before = published();
    expect(again()).toEqual([`made ${NAME}`]);
    expect(published()).not.toEqual(before);
  });
});
