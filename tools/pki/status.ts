import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { thumbprint } from '@holdfast/mtls';
import { readPkiList } from './pki-list.ts';

/** The certificates of a home as a table: name, until when, thumbprint. */
export function statusTable(home: string, now: Date): string {
  const list = readPkiList();
  const authorities = Object.keys(list.authorities).flatMap((name) => [
    `authority/${name}/root`,
    `authority/${name}/intermediate`,
  ]);
  const names = [...authorities, ...Object.keys(list.leaves)];
  const width = Math.max(...names.map(({ length }) => length));
  return names.map((name) => `  ${name.padEnd(width)}  ${stateOf(join(home, 'pki', `${name}.crt`), now)}`).join('\n');
}

function stateOf(file: string, now: Date): string {
  if (!existsSync(file)) return styleText('red', 'missing');
  const certificate = new X509Certificate(readFileSync(file));
  const hours = (certificate.validToDate.getTime() - now.getTime()) / 3_600_000;
  const left = hours < 0 ? styleText('red', 'ended'.padStart(9)) : `${inWords(hours)} left`.padStart(9);
  return `${left}  ${certificate.validToDate.toISOString().slice(0, 16)}Z  ${thumbprint(certificate.raw)}`;
}

const inWords = (hours: number): string => (hours < 48 ? `${Math.floor(hours)} h` : `${Math.floor(hours / 24)} d`);
