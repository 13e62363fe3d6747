import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { chainFault } from './chain-fault.ts';
import { throwAwayPki } from './testing/index.ts';

const pki = throwAwayPki();
const trusted = { trust: pki.participants.trust, elsewhere: [pki.services.trust, pki.web.trust] };
const rogue = pki.rogue();

describe('why no way leads to an authority [RFC5280-6]', () => {
  it('is said as untrusted for a certificate that vouches for itself, alone or with itself sent along', () => {
    const { certificate } = pki.selfSigned();
    expect(chainFault(certificate, [], trusted)).toBe('certificate_untrusted');
    expect(chainFault(certificate, [new X509Certificate(certificate.raw)], trusted)).toBe('certificate_untrusted');
  });

  it('is said as untrusted when the names are those of an authority of ours, however much is sent along', () => {
    const { certificate } = pki.mint({ issuer: rogue.intermediate });
    for (const sent of [[], [rogue.intermediate.certificate], [rogue.intermediate.certificate, rogue.root.certificate]])
      expect(chainFault(certificate, sent, trusted)).toBe('certificate_untrusted');
  });

  it('is not hidden by certificates of ours that were sent along and signed nothing of it', () => {
    const { certificate } = pki.mint({ issuer: rogue.intermediate });
    const { intermediate, root } = pki.participants;
    expect(chainFault(certificate, [intermediate.certificate, root.certificate], trusted)).toBe(
      'certificate_untrusted',
    );
  });

  it('is not told of an authority of another door where that is not known', () => {
    const { certificate } = pki.mint({ issuer: pki.services.intermediate });
    expect(chainFault(certificate, [], trusted)).toBe('issued_for_another_door');
    expect(chainFault(certificate, [], { ...trusted, elsewhere: [] })).toBe('chain_incomplete');
  });

  it('is nothing where a way was found, so that another fault is not covered up', () => {
    expect(chainFault(pki.leaf('lab/expired').certificate, [], trusted)).toBeUndefined();
  });
});
