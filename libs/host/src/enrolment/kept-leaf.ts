import type { X509Certificate } from 'node:crypto';
import type { Identity, IdentitySource, LiveTrust, NameResolution, PeerCertificate } from '@holdfast/mtls';
import { parsePeerCertificate, thumbprint } from '@holdfast/mtls';
import { createCertificationRequest, generateKey, keyPemOf } from '@holdfast/mtls/enrolment';
import type { ProcessContext } from '../process/context.ts';
import type { Holdings } from '../trust/holdings.ts';
import { checkIssued, hasNames, isInForce, issuerOf } from './check-issued.ts';
import type { Issued } from './check-issued.ts';
import { EnrolmentRefused } from './enrolment-refused.ts';
import type { EnrolmentProblem } from './enrolment-refused.ts';
import { askForCertificate } from './est-client.ts';
import type { Proof } from './est-client.ts';
import { filesOf, finishInterrupted, readPair, removeToken, unlessBusy, writePair } from './leaf-files.ts';
import type { LeafFiles } from './leaf-files.ts';
import type { LeafConfig } from './leaf-config.ts';
import { renewalTime, retryDelay } from './renewal-time.ts';

/** What enrolling needs of its process. */
export interface EnrolmentWorld {
  readonly ctx: Pick<ProcessContext<unknown>, 'home' | 'clock' | 'random' | 'log' | 'audit' | 'health' | 'abort'>;
  /** Base URL of the certificate authority. */
  readonly url: string;
  readonly names: NameResolution;
  readonly trust: Pick<LiveTrust, 'of'>;
  readonly holdings: Holdings;
}

/** One certificate that this process has issued to itself: its files, when it is due, and how to replace it. */
export class KeptLeaf {
  readonly config: LeafConfig;
  readonly files: LeafFiles;
  readonly #world: EnrolmentWorld;
  /** How this leaf proves who its holder is, as of the moment of a request. */
  readonly #proof: () => Proof;
  /** Drawn anew for each certificate. */
  #fraction: number;
  #failures = 0;
  #notBefore = 0;
  #lastProblem: EnrolmentProblem | undefined;

  constructor(config: LeafConfig, world: EnrolmentWorld, proof: (leaf: KeptLeaf) => Proof) {
    this.config = config;
    this.files = filesOf(world.ctx.home, config);
    this.#world = world;
    this.#proof = () => proof(this);
    this.#fraction = this.#chance();
  }

  get failures(): number {
    return this.#failures;
  }

  /** Why the last attempt failed; undefined after one that succeeded. */
  get lastProblem(): EnrolmentProblem | undefined {
    return this.#lastProblem;
  }

  /** The certificate on disk, in force and with its key; whatever names it has. */
  onDisk(): X509Certificate | undefined {
    const found = readPair(this.files);
    return found !== undefined && isInForce(found, this.#now()) ? found : undefined;
  }

  /** Whether what lies on disk is what the configuration asks for, and in force. */
  isUsable(): boolean {
    const found = this.onDisk();
    return found !== undefined && isAsConfigured(found, this.config);
  }

  /** The identity in use, which follows the files. */
  get identity(): IdentitySource {
    return this.#world.holdings.identity(filesOf('', this.config));
  }

  /** Whether the certificate in use is to be replaced now. */
  isDue(): boolean {
    const { leaf, issuer }: Identity = this.identity.current();
    return this.#isDue(leaf, issuer);
  }

  /** Whether its time has come, or its authority no longer issues. */
  #isDue(validity: { notBefore: Date; notAfter: Date }, issuer: string | undefined): boolean {
    if (this.#now() >= renewalTime(validity, this.#fraction)) return true;
    const { issuer: issuing } = this.#world.trust.of(this.config.purpose);
    return issuing !== undefined && issuing !== issuer;
  }

  #isDueOnDisk(certificate: X509Certificate): boolean {
    const { validFromDate: notBefore, validToDate: notAfter } = certificate;
    const issuer = issuerOf(certificate, this.#world.trust.of(this.config.purpose).trust.current());
    return this.#isDue({ notBefore, notAfter }, issuer && thumbprint(issuer.raw));
  }

  /** Whether enough time has passed since the last failure. */
  mayTry(): boolean {
    return this.#now().getTime() >= this.#notBefore;
  }

  /** Milliseconds to wait after the last failure. */
  get pause(): number {
    return Math.max(0, this.#notBefore - this.#now().getTime());
  }

  /**
   * Has a certificate issued unless one that is not due lies there, as a replica on the same home may have written it.
   * @returns false when such a replica is at it
   * @throws EnrolmentRefused; nothing was written then
   */
  async replace(signal: AbortSignal): Promise<boolean> {
    const done = await unlessBusy(this.files, async () => {
      finishInterrupted(this.files);
      const found = this.onDisk();
      if (found === undefined || !this.isUsable() || this.#isDueOnDisk(found))
        await this.#enrol(found !== undefined, signal);
      return true;
    });
    return done === true;
  }

  /** One attempt, with its audit event. */
  async #enrol(renews: boolean, signal: AbortSignal): Promise<void> {
    const { audit, log } = this.#world.ctx;
    const { name } = this.config;
    const action = renews ? 'certificate.renew' : 'certificate.enrol';
    try {
      const { certificate } = await this.#issue(renews, signal);
      this.#succeeded();
      const notAfter = certificate.notAfter.toISOString();
      audit({
        action,
        outcome: 'allowed',
        presentedThumbprint: certificate.thumbprint,
        evidence: { certificate: name, notAfter },
      });
      log.info({ certificate: name, thumbprint: certificate.thumbprint, notAfter }, 'a certificate was issued to us');
    } catch (error) {
      if (!(error instanceof EnrolmentRefused) || signal.aborted) throw error;
      this.#failed(error.problem);
      const evidence = { certificate: name, ...(error.detail === undefined ? {} : { detail: error.detail }) };
      audit({ action, outcome: 'refused', reason: error.problem, evidence });
      throw error;
    }
  }

  /** The key is made here and leaves only for the disk; the answer is judged before anything is written. */
  async #issue(renews: boolean, signal: AbortSignal): Promise<Issued> {
    const { url, names, trust, ctx } = this.#world;
    const { purpose, subject, dns, uri, key: kind } = this.config;
    const proof = this.#proof();
    const key = generateKey(kind);
    const answer = await askForCertificate({
      url,
      names,
      // By what was known last: only the authority can end its own silence.
      serverTrust: { trust: trust.of('web').trust, revocations: trust.of('web').lastKnown },
      clock: ctx.clock,
      purpose,
      // Who renews is known by a certificate; a token opens the first door only. RFC7030-4.2.2.
      operation: renews && 'identity' in proof ? 'simplereenroll' : 'simpleenroll',
      request: createCertificationRequest({ key, subject, names: { dnsNames: dns, uris: uri } }),
      proof,
      signal,
    });
    const issued = checkIssued(answer, {
      leaf: this.config,
      key,
      trust: trust.of(purpose).trust.current(),
      now: this.#now(),
    });
    writePair(this.files, keyPemOf(key), issued.certificatePem);
    if ('token' in proof) removeToken(this.files);
    return issued;
  }

  #succeeded(): void {
    this.#failures = 0;
    this.#notBefore = 0;
    this.#lastProblem = undefined;
    this.#fraction = this.#chance();
  }

  #failed(problem: EnrolmentProblem): void {
    this.#failures += 1;
    this.#lastProblem = problem;
    this.#notBefore = this.#now().getTime() + retryDelay(this.#failures, this.#chance());
  }

  #now(): Date {
    return this.#world.ctx.clock.now();
  }

  /** A random number from 0 (included) to 1. */
  #chance(): number {
    return this.#world.ctx.random.bytes(4).readUInt32BE() / 2 ** 32;
  }
}

const KEY_TYPES = { 'P-256': 'EC', 'RSA-2048': 'RSA' } as const;

function isAsConfigured(found: X509Certificate, leaf: LeafConfig): boolean {
  const certificate: PeerCertificate = parsePeerCertificate(found.raw);
  return hasNames(certificate, leaf) && certificate.key.type === KEY_TYPES[leaf.key];
}
