import fc from 'fast-check';
import forge from 'node-forge';
import { describe, expect, it } from 'vitest';
import { CertificateError } from './certificate-error.ts';
import { readDer, readOid } from './der.ts';
import {
  berLengths,
  derTree,
  encodeOid,
  encodeTree,
  nodeAt,
  pathsOf,
  replaced,
  takeApart,
} from './testing/der-tree.ts';
import type { DerTree } from './testing/der-tree.ts';

/** What was read, or undefined where it was refused; nothing else may happen. */
function read<T>(reader: () => T): T | undefined {
  try {
    return reader();
  } catch (error) {
    expect(error).toBeInstanceOf(CertificateError);
    return undefined;
  }
}

/** Bytes that look like DER more often than any bytes do. */
const nearlyDer = fc
  .tuple(derTree, fc.array(fc.tuple(fc.nat(), fc.nat(0xff)), { maxLength: 3 }), fc.nat(3))
  .map(([tree, changes, cut]) => {
    const bytes = encodeTree(tree);
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
    return bytes.subarray(0, bytes.length - cut);
  });
const anyBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));

describe('reading DER [RFC5280-4.1]', () => {
  it('either refuses bytes or reads all of them, and has one spelling for what it read', () => {
    fc.assert(
      fc.property(fc.oneof(nearlyDer, anyBytes), (bytes) => {
        const tree = read(() => takeApart(bytes));
        if (tree !== undefined) expect(encodeTree(tree)).toEqual(bytes);
      }),
    );
  });

  it('reads back every tree', () => {
    fc.assert(
      fc.property(derTree, (tree) => {
        expect(takeApart(encodeTree(tree))).toEqual(tree);
      }),
    );
  });

  it('refuses a length that BER would allow, however deep it stands', () => {
    fc.assert(
      fc.property(derTree, fc.nat(), fc.constantFrom(...berLengths), (tree, which, length) => {
        const paths = pathsOf(tree);
        const ber = replaced(tree, paths[which % paths.length]!, (node) => [{ ...node, length }]);
        expect(() => takeApart(encodeTree(ber))).toThrow(CertificateError);
      }),
    );
  });

  it('sees the tree that an outside reader sees', () => {
    fc.assert(
      fc.property(nearlyDer, (bytes) => {
        const tree = read(() => takeApart(bytes));
        fc.pre(tree !== undefined && !hasNumber30(tree));
        expect(treeByForge(bytes)).toEqual(tree);
      }),
    );
  });

  it('takes no more than its time for the largest value', () => {
    const part = derTree.map(encodeTree).filter(({ length }) => length < 2_000);
    fc.assert(
      fc.property(part, fc.integer({ min: 0, max: 0xff }), (bytes, tag) => {
        const content = Buffer.concat(Array<Buffer>(Math.ceil(LARGEST / bytes.length)).fill(bytes));
        read(() => takeApart(encodeTree({ tag, content })));
      }),
      { numRuns: 20 },
    );
  });
});

/** Bytes of the longest chain of certificates that OpenSSL takes from a peer by itself. */
const LARGEST = 100 * 1024;

/** The outside reader takes every value with the number of a BMPString for one, whatever its class, and decodes it. */
const hasNumber30 = ({ tag, content }: DerTree): boolean =>
  Buffer.isBuffer(content) ? (tag & 0x1f) === 0x1e : content.some(hasNumber30);

function treeByForge(bytes: Buffer): DerTree {
  const apart = (value: forge.asn1.Asn1): DerTree => {
    const tag = value.tagClass | (value.constructed ? 0x20 : 0) | value.type;
    const content = typeof value.value === 'string' ? Buffer.from(value.value, 'latin1') : value.value.map(apart);
    return { tag, content };
  };
  return apart(forge.asn1.fromDer(bytes.toString('latin1'), { strict: true, decodeBitStrings: false } as never));
}

describe('reading an object identifier', () => {
  const arcs = fc
    .tuple(fc.nat(2), fc.bigInt(0n, 2n ** 70n), fc.array(fc.bigInt(0n, 2n ** 128n), { maxLength: 5 }))
    .map(([root, second, rest]) => [BigInt(root), root < 2 ? second % 40n : second, ...rest]);

  it('reads back every one', () => {
    fc.assert(
      fc.property(arcs, (numbers) => {
        expect(readOid(readDer(encodeTree(encodeOid(numbers))))).toBe(numbers.join('.'));
      }),
    );
  });

  it('has one spelling for each that it reads', () => {
    const base128 = fc.array(fc.oneof(fc.constantFrom(0x00, 0x80, 0x81, 0x7f, 0xff), fc.nat(0xff)), { maxLength: 12 });
    fc.assert(
      fc.property(base128, (content) => {
        const der = encodeTree({ tag: 0x06, content: Buffer.from(content) });
        const text = read(() => readOid(readDer(der)));
        if (text !== undefined) expect(encodeTree(encodeOid(text.split('.').map(BigInt)))).toEqual(der);
      }),
    );
  });

  it('takes no more than its time for the longest one', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0xff), { minLength: 1, maxLength: 4 }), (unit) => {
        const content = Buffer.alloc(LARGEST, Buffer.from(unit));
        read(() => readOid(readDer(encodeTree({ tag: 0x06, content }))));
      }),
      { numRuns: 20 },
    );
  });
});

it('the outside reader of these tests would notice a difference', () => {
  const tree: DerTree = { tag: 0x30, content: [{ tag: 0x02, content: Buffer.of(5) }] };
  expect(treeByForge(encodeTree(tree))).toEqual(tree);
  expect(treeByForge(encodeTree({ ...tree, tag: 0x31 }))).not.toEqual(tree);
  expect(nodeAt(tree, [0]).tag).toBe(0x02);
});
