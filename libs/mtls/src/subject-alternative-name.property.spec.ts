import { isIP } from 'node:net';
// @peculiar/x509 expects the polyfill to be there already.
import 'reflect-metadata';
import * as peculiar from '@peculiar/x509';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CertificateError } from './certificate-error.ts';
import { canonicalIp, ipAddressOf } from './ip-address.ts';
import { readAlternativeNames } from './subject-alternative-name.ts';
import type { AlternativeNames } from './subject-alternative-name.ts';
import { damagedDer, encodeTree } from './testing/der-tree.ts';

const TAGS = { emailAddresses: 0x81, dnsNames: 0x82, uris: 0x86, ipAddresses: 0x87 } as const;
type Kind = keyof typeof TAGS;

const printable = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)),
  minLength: 1,
});
const ipBytes = fc.oneof(...[4, 16].map((length) => fc.uint8Array({ minLength: length, maxLength: length })));
const entry: fc.Arbitrary<readonly [Kind, Buffer]> = fc.oneof(
  fc.tuple(
    fc.constantFrom<Kind>('emailAddresses', 'dnsNames', 'uris'),
    printable.map((text) => Buffer.from(text)),
  ),
  fc.tuple(
    fc.constant<Kind>('ipAddresses'),
    ipBytes.map((bytes) => Buffer.from(bytes)),
  ),
);
const entries = fc.array(entry, { maxLength: 6 });

const extensionOf = (list: readonly (readonly [Kind, Buffer])[]): Buffer =>
  encodeTree({ tag: 0x30, content: list.map(([kind, content]) => ({ tag: TAGS[kind], content })) });

/** The names that were read, or undefined where the extension was refused; nothing else may happen. */
function read(extension: Buffer): AlternativeNames | undefined {
  try {
    return readAlternativeNames(extension);
  } catch (error) {
    expect(error).toBeInstanceOf(CertificateError);
    return undefined;
  }
}

describe('alternative names [RFC5280-4.2.1.6]', () => {
  const damaged = entries.chain((list) => damagedDer(extensionOf(list)));

  it('are read one by one, by their type, in their order', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const names = readAlternativeNames(extensionOf(list));
        for (const kind of ['emailAddresses', 'dnsNames', 'uris'] as const) {
          const written = list.filter(([each]) => each === kind).map(([, content]) => content.toString());
          expect(names[kind]).toEqual(written);
        }
        expect(names.ipAddresses).toHaveLength(list.filter(([kind]) => kind === 'ipAddresses').length);
      }),
    );
  });

  it('hold no control character, nothing beyond ASCII and nothing empty, or are refused', () => {
    fc.assert(
      fc.property(damaged, (extension) => {
        const names = read(extension);
        if (names === undefined) return;
        for (const name of [...names.dnsNames, ...names.uris, ...names.emailAddresses])
          expect(name).toMatch(/^[ -~]+$/);
        for (const address of names.ipAddresses) expect(isIP(address)).not.toBe(0);
      }),
    );
  });

  it('are the names that an outside library reads, where it reads any', () => {
    fc.assert(
      fc.property(fc.oneof(entries.map(extensionOf), damaged), (extension) => {
        const [names, outside] = [read(extension), namesByPeculiar(extension)];
        if (names !== undefined && outside !== undefined) expect(outside).toEqual(names);
      }),
    );
  });
});

function namesByPeculiar(extension: Buffer): AlternativeNames | undefined {
  let items: readonly peculiar.GeneralName[];
  try {
    ({ items } = new peculiar.GeneralNames(extension));
  } catch {
    return undefined;
  }
  const ofType = (type: string): string[] => items.filter((item) => item.type === type).map(({ value }) => value);
  const ipAddresses = ofType('ip').map((address) => canonicalIp(address) ?? 'none');
  return { dnsNames: ofType('dns'), uris: ofType('url'), emailAddresses: ofType('email'), ipAddresses };
}

describe('an IP address', () => {
  it('is read from its bytes in its one form', () => {
    fc.assert(
      fc.property(ipBytes, (bytes) => {
        const address = ipAddressOf(Buffer.from(bytes));
        expect(canonicalIp(address)).toBe(address);
        expect(isIP(address)).toBe(bytes.length === 4 ? 4 : 6);
      }),
    );
  });

  it('has another text for other bytes, and the same text for the same bytes', () => {
    fc.assert(
      fc.property(ipBytes, ipBytes, (one, other) => {
        const same = Buffer.from(one).equals(Buffer.from(other));
        expect(ipAddressOf(Buffer.from(one)) === ipAddressOf(Buffer.from(other))).toBe(same);
      }),
    );
  });

  it('is recognised in any spelling, and nothing else is', () => {
    const nearly = fc.array(
      fc.constantFrom('::', ':', '.', '0', '1', 'ffff', '192.0.2.1', '%', 'eth0', '00', 'F', ' '),
    );
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV4Extended(),
      fc.ipV6(),
      nearly.map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (address) => {
        const canonical = canonicalIp(address);
        expect(canonical !== undefined).toBe(isIP(address) !== 0 && !address.includes('%'));
        if (canonical !== undefined) expect(canonicalIp(canonical)).toBe(canonical);
        expect(canonicalIp(address.toUpperCase())).toBe(canonical);
      }),
    );
  });

  it('is none when its bytes are neither 4 nor 16', () => {
    const length = fc.uint8Array({ maxLength: 20 }).filter((bytes) => bytes.length !== 4 && bytes.length !== 16);
    fc.assert(
      fc.property(length, (bytes) => {
        expect(() => ipAddressOf(Buffer.from(bytes))).toThrow(CertificateError);
      }),
    );
  });
});
