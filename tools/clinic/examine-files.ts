import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { CERTIFICATE_FINDINGS, loadLiveTrust, MtlsConfigError } from '@holdfast/mtls';
import type { LiveTrust } from '@holdfast/mtls';
import { diagnose } from '@holdfast/mtls/clinic';
import type { Diagnosis } from '@holdfast/mtls/clinic';
import type { Language, Text } from '../language.ts';
import { PlatformTrouble } from '../platform/trouble.ts';

export interface FilesToExamine {
  /** PEM file, the leaf first. */
  readonly certificate: string;
  /** PEM file of its key; the pair is not compared without it. */
  readonly key?: string;
  /** Whose trust and revocation list count. */
  readonly home: string;
  readonly language: Language;
  readonly now: Date;
}

/** What a person is told about their files. */
export interface FilesReport {
  /** Whether the listeners for participants would take them. */
  readonly isSound: boolean;
  readonly text: string;
}

/**
 * Diagnoses the files of a client certificate by the codes that the platform answers with.
 * @throws PlatformTrouble when a file cannot be read, or there is no PKI yet
 */
export function examineFiles({ certificate, key, home, language, now }: FilesToExamine): FilesReport {
  const live = knownIn(home, now);
  try {
    const { trust, revocations } = live.of('participants');
    const elsewhere = [live.of('services'), live.of('web')].map((door) => door.trust.current());
    const files = { certificate: readText(certificate), ...(key === undefined ? {} : { key: readText(key) }) };
    const found = diagnose({ ...files, trusted: { trust: trust.current(), elsewhere }, revocations, now });
    return { isSound: found.every(({ fatal }) => !fatal), text: tell(found, certificate, language) };
  } finally {
    live.close();
  }
}

function knownIn(home: string, now: Date): LiveTrust {
  try {
    return loadLiveTrust(join(home, 'pki/trust'), { follow: 'folder', now: () => now });
  } catch (cause) {
    if (!(cause instanceof MtlsConfigError)) throw cause;
    throw new PlatformTrouble(cause.message, cause.remedy, { cause });
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PlatformTrouble(`${file} cannot be read`, 'Name a PEM file: npm run clinic -- client.crt client.key', {
      cause,
    });
  }
}

const WORDS = {
  sound: {
    en: 'nothing found: the listeners for participants would take it',
    ja: '異常なし：参加者用の入口はこの証明書を受け入れます',
  },
  harmless: { en: 'works here, and not with every peer', ja: 'ここでは通りますが、相手によっては通りません' },
} satisfies Record<string, Text>;

function tell(found: readonly Diagnosis[], file: string, language: Language): string {
  if (found.length === 0) return `${styleText('green', '✔')} ${file}: ${WORDS.sound[language]}`;
  return found
    .map(({ code, fatal }) => {
      const { fault, hint, remedy } = CERTIFICATE_FINDINGS[code];
      const mark = fatal ? styleText('red', '✖') : styleText('yellow', '!');
      const note = fatal ? '' : ` (${WORDS.harmless[language]})`;
      return `${mark} ${styleText('bold', code)}  ${fault[language]}${note}\n  ${hint[language]}\n  → ${remedy[language]}`;
    })
    .join('\n\n');
}
