import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MtlsConfigError } from '@holdfast/mtls';
import type { Authority } from '@holdfast/mtls/authority';
import { ensureAuthorities, exclusively, noteIssued, PRIVATE, readPkiList, writeWhole } from '@holdfast/pki';
import type { Owner } from '@holdfast/pki';
import { isEnding, makeKeyMaterial, recertified } from './key-material.ts';
import type { KeyMaterial } from './key-material.ts';
import { registrationOf } from './registration.ts';
import { readTestClientRegistry, testClients } from './registry.ts';
import type { TestClient, TestClientRegistry } from './registry.ts';

export interface EnsureTestClientsOptions {
  /** The home directory; its PKI is there already. */
  readonly home: string;
  readonly now: Date;
  /** Told of everything that was made or renewed, in words. */
  readonly report?: (what: string) => void;
  /** Who owns what is written. */
  readonly owner?: Owner;
  readonly registry?: TestClientRegistry;
}

/** Where a test client's private half lies; opened by nobody but its owner. */
export const keyFileOf = (home: string, name: string): string => join(home, 'pki/test-clients', `${name}.json`);

/** What the authorization server is told of them; there is no private key in it. */
export const registrationFileOf = (home: string): string => join(home, 'pki/authorization-server/test-clients.json');

/**
 * Makes the test clients that are missing, renews certificates that end soon, and tells the authorization server of all.
 * Doing it twice changes nothing the second time.
 *
 * @throws MtlsConfigError with one line and a remedy when a client's keys cannot be read
 */
export function ensureTestClients(options: EnsureTestClientsOptions): void {
  const { home, now, owner, report = () => {}, registry = readTestClientRegistry() } = options;
  const list = readPkiList();
  const { intermediate } = list.authorities.participants;
  exclusively(join(home, 'pki'), () => {
    const authority = ensureAuthorities(home, list, now, report).participants;
    const clients = testClients(registry).map((client) => {
      const material = ensureOne(client, authority, list.lifetimes.leaf, options);
      return registrationOf(client, material, registry, intermediate);
    });
    const file = registrationFileOf(home);
    const text = `${JSON.stringify({ clients }, undefined, 2)}\n`;
    if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeWhole(file, text, PRIVATE, owner);
  });
}

function ensureOne(
  client: TestClient,
  authority: Authority,
  leafDays: number,
  { home, now, owner, report = () => {} }: EnsureTestClientsOptions,
): KeyMaterial {
  const file = keyFileOf(home, client.name);
  const write = (material: KeyMaterial, what: string): KeyMaterial => {
    writeWhole(file, `${JSON.stringify(material, undefined, 2)}\n`, PRIVATE, owner);
    noteCertificate(home, client, material, now);
    report(`${what} test client ${client.name}`);
    return material;
  };
  if (!existsSync(file)) return write(makeKeyMaterial(client, authority, leafDays, now), 'made');
  const material = readKeyMaterial(file);
  if (!isEnding(material, client, authority, now)) return material;
  return write(recertified(material, client, authority, leafDays, now), 'renewed');
}

/** One the client has made for itself stands in no register: nobody could take it back. */
function noteCertificate(
  home: string,
  { name, method }: TestClient,
  { certificate: pem }: KeyMaterial,
  now: Date,
): void {
  if (pem === undefined || method === 'self_signed_tls_client_auth') return;
  const certificate = new X509Certificate(pem);
  noteIssued(home, { purpose: 'participants', name: `test-clients/${name}`, certificate, now });
}

/** @throws MtlsConfigError when the file is torn */
export function readKeyMaterial(file: string): KeyMaterial {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as KeyMaterial;
  } catch (cause) {
    throw new MtlsConfigError(
      `the keys of a test client cannot be read: ${file}`,
      `remove it, new ones are made: rm ${file}`,
      {
        cause,
      },
    );
  }
}
