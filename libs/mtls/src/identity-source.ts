import { checkIdentity, checkKeyFileMode } from './identity.ts';
import type { Identity, IdentityMaterial } from './identity.ts';
import { MtlsConfigError } from './config-error.ts';
import { MAKE_PKI, readMaterial } from './pem-certificates.ts';
import { thumbprint } from './thumbprint.ts';

export interface IdentitySource {
  /** The identity in force now. */
  current(): Identity;
  /** Calls `listener` after every swap; the answer unsubscribes. */
  onChange(listener: (identity: Identity) => void): () => void;
  /** Stops watching the files. */
  close(): void;
}

export interface IdentityFiles {
  readonly certificate: string;
  readonly key: string;
}

export interface IdentityOptions {
  /** The clock; the system's when absent. */
  readonly now?: () => Date;
  /** How often the files are read again, in milliseconds; 500 when absent. */
  readonly everyMs?: number;
  /** Told when new files on disk cannot be used and the old identity stays; a process warning when absent. */
  readonly report?: (problem: MtlsConfigError) => void;
}

/**
 * Loads an identity and follows its files while the process runs: a renewed pair is taken over as soon as it is a valid
 * pair, without a restart; anything else leaves the old identity in force and is reported once.
 *
 * The files are read again at an interval, not watched by events: events get lost on network and bind mounts, and a
 * pair replaced by two renames is for a moment no pair. What fails must fail twice, unchanged, to count as a problem.
 * @throws MtlsConfigError when the first reading already fails
 */
export function loadIdentity(files: IdentityFiles, options: IdentityOptions = {}): IdentitySource {
  const { now = () => new Date(), everyMs = 500, report = warn } = options;
  const material = readFiles(files);
  const slot = identitySlot(checkMaterial(material, now()));
  const follow = follower({ files, now, report, swap: slot.swap, applied: fingerprint(material) });
  const timer = setInterval(follow, everyMs).unref();
  return {
    ...slot.source,
    close: () => {
      clearInterval(timer);
      slot.source.close();
    },
  };
}

/** The identity in force now, as TLS options name it. */
export function keyPairOf(identity: IdentitySource): { cert: string; key: string } {
  const { certificatePem, keyPem } = identity.current();
  return { cert: certificatePem, key: keyPem };
}

/** A source whose identity is swapped by hand. */
export function identitySlot(first: Identity): { source: IdentitySource; swap: (identity: Identity) => void } {
  let identity = first;
  const listeners = new Set<(identity: Identity) => void>();
  return {
    source: {
      current: () => identity,
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      close: () => listeners.clear(),
    },
    swap: (next) => {
      identity = next;
      for (const listener of listeners) listener(next);
    },
  };
}

interface Following {
  readonly files: IdentityFiles;
  readonly now: () => Date;
  readonly report: (problem: MtlsConfigError) => void;
  readonly swap: (identity: Identity) => void;
  /** Fingerprint of the files the identity in force was read from. */
  applied: string;
}

/** One look at the files. What cannot be used is tried again at every look, for the clock may be what is wrong, and reported once. */
function follower(following: Following): () => void {
  let suspect: string | undefined;
  let reported: string | undefined;
  return () => {
    let seen = 'unreadable';
    try {
      const material = readFiles(following.files);
      seen = fingerprint(material);
      if (seen === following.applied) return;
      following.swap(checkMaterial(material, following.now()));
      following.applied = seen;
    } catch (error) {
      if (seen === suspect && seen !== reported) {
        reported = seen;
        following.report(problemOf(error));
      }
      suspect = seen;
    }
  };
}

function problemOf(error: unknown): MtlsConfigError {
  if (error instanceof MtlsConfigError) return error;
  return new MtlsConfigError('the new certificate could not be taken over', MAKE_PKI, { cause: error });
}

function warn(problem: MtlsConfigError): void {
  process.emitWarning(`${problem.message}; the old certificate stays in use; ${problem.remedy}`);
}

function checkMaterial(material: IdentityMaterial, now: Date): Identity {
  checkKeyFileMode(material.key.file);
  return checkIdentity(material, now);
}

function fingerprint({ certificate, key }: IdentityMaterial): string {
  return thumbprint(Buffer.from(`${certificate.text}\n${key.text}`));
}

function readFiles({ certificate, key }: IdentityFiles): IdentityMaterial {
  return {
    certificate: { file: certificate, text: readMaterial(certificate) },
    key: { file: key, text: readMaterial(key) },
  };
}
