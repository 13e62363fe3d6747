import { describe, expect, it } from 'vitest';
import { encodeBytes, encodeMessage, readBytesFields, readString } from './protobuf.ts';

describe('the protobuf wire format', () => {
  it('refuses what ends in the middle or has a wire type it does not know', () => {
    expect(() => readBytesFields(encodeMessage({ 1: 'alice' }).subarray(0, 4))).toThrow(/unreadable/);
    expect(() => readBytesFields(Buffer.from([0x80]))).toThrow(/truncated/);
    expect(() => readBytesFields(Buffer.from([0x09, 1, 2, 3, 4, 5, 6, 7, 8]))).toThrow(/unreadable/);
  });

  it('encodes as the published examples do', () => {
    // From the encoding page of the protobuf documentation: field 1 = 150, field 2 = "testing".
    expect(encodeMessage({ 1: 150 }).toString('hex')).toBe('089601');
    expect(encodeMessage({ 2: 'testing' }).toString('hex')).toBe('120774657374696e67');
    expect(encodeMessage({ 7: 1_800_000_000 }).toString('hex')).toBe('3880a4a7da06');
  });

  it('reads back what it wrote, skipping numbers', () => {
    const message = encodeMessage({ 1: 'request', 5: ['one', 'two'], 7: 1_800_000_000, 9: 'last' });
    expect(readString(message, 1)).toBe('request');
    expect(readString(message, 9)).toBe('last');
    expect(readBytesFields(message).get(5)?.map(String)).toEqual(['one', 'two']);
    expect(readString(encodeBytes(1, message).subarray(2), 9)).toBe('last');
    expect(readString(message, 4)).toBe('');
  });
});
