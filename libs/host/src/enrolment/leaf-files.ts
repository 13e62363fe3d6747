import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LeafConfig } from './leaf-config.ts';
import { holderOf } from './leaf-config.ts';

const PRIVATE = 0o600;
const PUBLIC = 0o644;
const CLOSED = 0o700;

/** Where a leaf lies on disk; with a home in front of it, or relative to one as a configuration writes it. */
export interface LeafFiles {
  readonly certificate: string;
  readonly key: string;
  /** What lets its holder enrol for the first time. */
  readonly token: string;
}

/** @param home empty for the paths of a configuration */
export function filesOf(home: string, leaf: Pick<LeafConfig, 'name'>): LeafFiles {
  const path = join(home, 'pki', leaf.name);
  const token = join(home, 'pki', holderOf(leaf), 'enrolment.token');
  return { certificate: `${path}.crt`, key: `${path}.key`, token };
}

/** The certificate on disk when the key beside it is its own; undefined for anything else. */
export function readPair({ certificate, key }: LeafFiles): X509Certificate | undefined {
  try {
    const found = new X509Certificate(readFileSync(certificate));
    return found.checkPrivateKey(createPrivateKey(readFileSync(key))) ? found : undefined;
  } catch {
    return undefined;
  }
}

const draftOf = (file: string): string => `${file}.draft`;

/**
 * Replaces the pair on disk: both are written beside it, then the key takes its place, the certificate last. Whoever reads
 * between the two sees a pair that does not match, and looks again.
 */
export function writePair({ certificate, key }: LeafFiles, keyPem: string, certificatePem: string): void {
  makeFolder(dirname(key));
  writeDraft(key, keyPem, PRIVATE);
  writeDraft(certificate, certificatePem, PUBLIC);
  renameSync(draftOf(key), key);
  renameSync(draftOf(certificate), certificate);
}

/**
 * Completes what a crash interrupted. When only the certificate's draft is left, its key is in place already and the old key
 * is gone: without this step the process would have no certificate, and nothing to prove itself with.
 */
export function finishInterrupted({ certificate, key, token }: LeafFiles): void {
  const draft = draftOf(certificate);
  const begun = existsSync(draft) && !existsSync(draftOf(key));
  if (begun && readPair({ certificate: draft, key, token }) !== undefined) renameSync(draft, certificate);
  for (const file of [certificate, key]) rmSync(draftOf(file), { force: true });
}

function writeDraft(file: string, content: string, mode: number): void {
  // What a crashed run left; `wx` below then makes the file ours, whatever its mode had been.
  rmSync(draftOf(file), { force: true });
  writeFileSync(draftOf(file), content, { mode, flag: 'wx', flush: true });
}

function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, CLOSED);
}

/** The token for the first enrolment, or undefined when there is none. */
export function readToken({ token }: LeafFiles): string | undefined {
  if (!existsSync(token)) return undefined;
  const text = readFileSync(token, 'utf8').trim();
  return text === '' ? undefined : text;
}

/** A token is good once: what is left of it would only be tried in vain. */
export function removeToken({ token }: LeafFiles): void {
  rmSync(token, { force: true });
}

/** Longer than one enrolment takes, in milliseconds; an older lock belongs to a process that is no more. */
const LOCK_ENDS = 60_000;

/**
 * Does `work` unless another process of the same holder, a replica on the same home, is at it: two at once would leave the
 * key of one beside the certificate of the other.
 * @returns what `work` did, or undefined when it was not done
 */
export async function unlessBusy<T>(files: LeafFiles, work: () => Promise<T>): Promise<T | undefined> {
  const lock = join(dirname(files.key), '.enrolment.lock');
  makeFolder(dirname(lock));
  if (!take(lock)) return undefined;
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function take(lock: string): boolean {
  const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  if (existsSync(lock) && age > LOCK_ENDS) rmSync(lock, { force: true });
  try {
    writeFileSync(lock, '', { flag: 'wx', mode: PRIVATE });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
