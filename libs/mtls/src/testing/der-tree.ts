import fc from 'fast-check';
import { childrenOf, readDer } from '../der.ts';
import type { DerValue } from '../der.ts';

/** A DER value taken apart: what a certificate looks like before anybody asks what it means. */
export interface DerTree {
  readonly tag: number;
  /** Parts of a constructed value, bytes of a primitive one. */
  readonly content: Buffer | readonly DerTree[];
  /** How the length is written; DER when absent, BER otherwise. */
  readonly length?: (length: number) => Buffer;
}

/** The bytes of a tree, written here and not by the code under test. */
export function encodeTree({ tag, content, length = shortestLength }: DerTree): Buffer {
  const inner = Buffer.isBuffer(content) ? content : Buffer.concat(content.map(encodeTree));
  return Buffer.concat([Buffer.of(tag), length(inner.length), inner]);
}

/** An object identifier of these arcs. */
export function encodeOid([root = 0n, second = 0n, ...rest]: readonly bigint[]): DerTree {
  const content = [root * 40n + second, ...rest].flatMap((arc) => base128(arc));
  return { tag: 0x06, content: Buffer.from(content) };
}

function base128(arc: bigint, more = 0): number[] {
  const last = Number(arc & 0x7fn) | more;
  return arc < 0x80n ? [last] : [...base128(arc >> 7n, 0x80), last];
}

/** Takes DER apart as far as tags say that there are parts. */
export function takeApart(der: Buffer): DerTree {
  const apart = (value: DerValue): DerTree => ({
    tag: value.tag,
    content: (value.tag & 0x20) === 0 ? value.content : childrenOf(value).map(apart),
  });
  return apart(readDer(der));
}

function shortestLength(length: number): Buffer {
  return length < 0x80 ? Buffer.of(length) : longLength(bytesOf(length));
}

const longLength = (bytes: readonly number[]): Buffer => Buffer.of(0x80 | bytes.length, ...bytes);

function bytesOf(length: number): number[] {
  return length < 0x100 ? [length] : [...bytesOf(Math.floor(length / 0x100)), length % 0x100];
}

/** Every way of BER to write a length that is none of DER. */
export const berLengths: readonly ((length: number) => Buffer)[] = [
  (length) => longLength([0, ...bytesOf(length)]),
  (length) => (length < 0x80 ? longLength([length]) : longLength([0, 0, ...bytesOf(length)])),
  () => Buffer.of(0x80),
];

/** Any single-byte tag. */
const tag = fc.integer({ min: 0, max: 0xff }).filter((byte) => (byte & 0x1f) !== 0x1f);
const bytes = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));

/** Any tree of DER, of the sizes at which the length is written differently too. */
export const derTree: fc.Arbitrary<DerTree> = fc.letrec<{ tree: DerTree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.record({ tag: tag.map((byte) => byte & ~0x20), content: fc.oneof(bytes(12), bytes(300)) }),
    fc.record({ tag: tag.map((byte) => byte | 0x20), content: fc.array(tie('tree'), { maxLength: 5 }) }),
  ),
})).tree;

/** Where the nodes of a tree are, the root first. */
type Path = readonly number[];

export function pathsOf(tree: DerTree, path: Path = []): Path[] {
  if (Buffer.isBuffer(tree.content)) return [path];
  return [path, ...tree.content.flatMap((part, at) => pathsOf(part, [...path, at]))];
}

export function nodeAt(tree: DerTree, path: Path): DerTree {
  return path.reduce((node, at) => (node.content as readonly DerTree[])[at]!, tree);
}

/** The tree with other nodes in place of one: none, one or several. */
export function replaced(tree: DerTree, path: Path, by: (node: DerTree) => readonly DerTree[]): DerTree {
  const [at, ...rest] = path;
  if (at === undefined) return by(tree)[0] ?? tree;
  const parts = (tree.content as readonly DerTree[]).flatMap((part, index) => {
    if (index !== at) return [part];
    return rest.length === 0 ? by(part) : [replaced(part, rest, by)];
  });
  return { ...tree, content: parts };
}

type Damage = (tree: DerTree, path: Path) => DerTree;

/** What a forger does to a part of a certificate: each keeps the lengths around it right, so that readers get further. */
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.constantFrom<Damage>(
    (tree, path) => replaced(tree, path, () => []),
    (tree, path) => replaced(tree, path, (node) => [node, node]),
    (tree, path) => replaced(tree, path, (node) => [{ tag: 0x30, content: [node] }]),
    (tree, path) => replaced(tree, path, (node) => (Buffer.isBuffer(node.content) ? [node] : node.content)),
    (tree, path) => replaced(tree, path, (node) => [{ ...node, tag: node.tag ^ 0x20 }]),
  ),
  fc.constantFrom(...berLengths).map<Damage>((length) => (tree, path) => {
    return replaced(tree, path, (node) => [{ ...node, length }]);
  }),
  fc
    .oneof(
      tag,
      fc.constantFrom(
        0x01,
        0x02,
        0x03,
        0x04,
        0x05,
        0x06,
        0x0c,
        0x13,
        0x14,
        0x16,
        0x1c,
        0x1e,
        0x30,
        0x31,
        0x80,
        0x82,
        0xa0,
        0xa3,
      ),
    )
    .map<Damage>((byte) => (tree, path) => replaced(tree, path, (node) => [{ ...node, tag: byte }])),
  bytes(40).map<Damage>((content) => (tree, path) => replaced(tree, path, (node) => [{ ...node, content }])),
  fc.tuple(fc.nat(4_000), fc.integer({ min: 0, max: 0xff })).map<Damage>(([at, byte]) => (tree, path) => {
    return replaced(tree, path, (node) => [withByte(node, at, byte)]);
  }),
  // A part of the same certificate in a place that is not its own.
  fc.nat(1_000).map<Damage>((from) => (tree, path) => {
    const paths = pathsOf(tree);
    const graft = nodeAt(tree, paths[from % paths.length]!);
    return replaced(tree, path, (node) => [node, graft]);
  }),
);

function withByte(node: DerTree, at: number, byte: number): DerTree {
  if (!Buffer.isBuffer(node.content) || node.content.length === 0) return node;
  const content = Buffer.from(node.content);
  content[at % content.length] = byte;
  return { ...node, content };
}

/** A certificate (or other DER) damaged part by part, then perhaps byte by byte. */
export function damagedDer(der: Buffer): fc.Arbitrary<Buffer> {
  const whole = takeApart(der);
  const damages = fc.array(fc.tuple(damage, fc.nat(1_000)), { maxLength: 3 });
  const flips = fc.array(fc.tuple(fc.nat(4_000), fc.integer({ min: 0, max: 0xff })), { maxLength: 2 });
  return fc.tuple(damages, flips).map(([parts, changes]) => {
    const tree = parts.reduce((now, [change, which]) => {
      const paths = pathsOf(now);
      return change(now, paths[which % paths.length]!);
    }, whole);
    const out = encodeTree(tree);
    for (const [at, byte] of changes) if (out.length > 0) out[at % out.length] = byte;
    return out;
  });
}
