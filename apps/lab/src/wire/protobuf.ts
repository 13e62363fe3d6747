/**
 * As much of the protobuf wire format as the lab's messages need: strings, repeated strings and small numbers. An
 * attacker needs no generated code, only the field numbers, which are in the published contract.
 */
export type ProtoValue = string | number | readonly string[];

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** @param fields values by field number */
export function encodeMessage(fields: Readonly<Record<number, ProtoValue>>): Buffer {
  return Buffer.concat(Object.entries(fields).map(([number, value]) => encodeField(Number(number), value)));
}

function encodeField(number: number, value: ProtoValue): Buffer {
  if (typeof value === 'number') return Buffer.concat([varint((number << 3) | VARINT), varint(value)]);
  const texts = typeof value === 'string' ? [value] : value;
  return Buffer.concat(texts.map((text) => encodeBytes(number, Buffer.from(text, 'utf8'))));
}

/** A length-delimited field: a string, bytes, or a message within a message. */
export function encodeBytes(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint((number << 3) | LENGTH_DELIMITED), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low | 0x80 : low);
  } while (rest > 0);
  return Buffer.from(bytes);
}

/** The length-delimited fields of a message, by number, in order; numbers are skipped. Throws on truncated input. */
export function readBytesFields(message: Uint8Array): ReadonlyMap<number, readonly Buffer[]> {
  const bytes = Buffer.from(message);
  const fields = new Map<number, Buffer[]>();
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('the protobuf message is truncated');
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = next();
    const size = next();
    if (tag % 8 === VARINT) continue;
    if (tag % 8 !== LENGTH_DELIMITED || at + size > bytes.length) throw new Error('the protobuf message is unreadable');
    const number = Math.floor(tag / 8);
    fields.set(number, [...(fields.get(number) ?? []), bytes.subarray(at, at + size)]);
    at += size;
  }
  return fields;
}

/** The first string of a field, or an empty one, as proto3 has it. */
export function readString(message: Uint8Array, number: number): string {
  return readBytesFields(message).get(number)?.[0]?.toString('utf8') ?? '';
}
