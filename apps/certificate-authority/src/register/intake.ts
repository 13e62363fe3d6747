import { X509Certificate } from 'node:crypto';
import type { Authority } from '@holdfast/mtls/authority';
import { thumbprint } from '@holdfast/mtls';
import type { AuthorityName, IssuedByHand } from '@holdfast/pki';
import { readIssued } from '@holdfast/pki';
import type { Register } from './register.ts';

/** Takes what commands have issued by hand over into the register, from their notes. */
export class Intake {
  readonly #home: string;
  readonly #register: Register;
  readonly #issuers: (purpose: AuthorityName) => readonly Authority[];
  #read = 0;

  /** @param issuers the intermediates of a purpose, to tell under which a certificate stands */
  constructor(home: string, register: Register, issuers: (purpose: AuthorityName) => readonly Authority[]) {
    this.#home = home;
    this.#register = register;
    this.#issuers = issuers;
  }

  /** Reads on from where it stopped; at the first call from the beginning, which changes nothing that is known. */
  async look(): Promise<void> {
    const { issued, to } = readIssued(this.#home, this.#read);
    for (const one of issued) await this.#enter(one);
    this.#read = to;
  }

  async #enter({ purpose, name, certificate: base64, at }: IssuedByHand): Promise<void> {
    const certificate = new X509Certificate(Buffer.from(base64, 'base64'));
    const issuer = this.#issuers(purpose).find((one) => certificate.verify(one.certificate.publicKey));
    // Signed by an intermediate that is no more: nobody takes it, and no list could name it.
    if (issuer === undefined) return;
    await this.#register.enter({
      certificate,
      purpose,
      name,
      issuer: thumbprint(issuer.certificate.raw),
      askedBy: name.split('/')[0] ?? name,
      authenticated: 'operator',
      at: new Date(at),
    });
  }
}
