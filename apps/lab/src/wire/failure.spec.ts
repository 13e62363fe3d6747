import { describe, expect, it } from 'vitest';
import { failureOf } from './failure.ts';

const error = (code: string) => Object.assign(new Error(code), { code });

describe('a failed call', () => {
  it.each([
    'ECONNREFUSED',
    'ENOTFOUND',
    'UND_ERR_CONNECT_TIMEOUT',
    'CERT_HAS_EXPIRED',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ])('proves nothing when nobody was there, or somebody we do not trust: %s', (code) =>
    expect(failureOf(error(code)).kind).toBe('unreachable'),
  );

  it.each(['ECONNRESET', 'UND_ERR_SOCKET', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'HPE_INVALID_CONSTANT'])(
    'is a refusal when the peer ended it: %s',
    (code) => expect(failureOf(new Error('outer', { cause: error(code) })).kind).toBe('cut-off'),
  );
});
