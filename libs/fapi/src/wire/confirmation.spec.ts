import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PeerCertificate } from '@holdfast/mtls';
import { checkConfirmation, confirmationFor } from './confirmation.ts';

const own = 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2';
const peer = { thumbprint: own } as PeerCertificate;

describe('a confirmation', () => {
  beforeEach(() => {
    vi.spyOn(crypto, 'timingSafeEqual');
    syncBuiltinESMExports();
  });
  afterEach(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });

  it.each([
    ['first', `c${own.slice(1)}`],
    ['last', `${own.slice(0, -1)}3`],
  ])('is compared whole, though the %s character differs already [RFC8705-3] [RS-15]', (_, other) => {
    expect(() => checkConfirmation({ 'x5t#S256': other }, { peer, jkt: undefined })).toThrow(
      expect.objectContaining({ reason: 'certificate_thumbprint_mismatch' }),
    );
    expect(crypto.timingSafeEqual).toHaveBeenCalledExactlyOnceWith(Buffer.from(other), Buffer.from(own));
  });

  it('is met by the certificate it was made for [RFC8705-3.1]', () => {
    const keys = { peer, jkt: undefined };
    expect(() => checkConfirmation(confirmationFor(keys), keys)).not.toThrow();
  });
});
