import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { thumbprint } from '@holdfast/mtls';
import { authorityNames } from './authorities.ts';
import { readPkiList } from './pki-list.ts';
import type { PkiList } from './pki-list.ts';

/** The certificates of a home as a table: name, how long it has left, until when, thumbprint. */
export function statusTable(home: string, now: Date, list: PkiList = readPkiList()): string {
  const roots = authorityNames.map((name) => `offline/${name}/root`);
  const intermediates = authorityNames.map((name) => `authority/${name}/intermediate`);
  const names = [...roots, ...intermediates, ...Object.keys({ ...list.leaves, ...list.clientKeys })];
  const width = Math.max(...names.map(({ length }) => length));
  const rows = names.map((name) => {
    const onPurpose = list.leaves[name]?.expired === true;
    return `${name.padEnd(width)}  ${stateOf(fileOf(home, name), now, onPurpose)}`;
  });
  const head = `${'certificate'.padEnd(width)}  ${'left'.padEnd(STATE_WIDTH)}  ${'until'.padEnd(17)}  x5t#S256`;
  return [styleText('bold', head), ...rows].join('\n');
}

const fileOf = (home: string, name: string): string =>
  join(home, name.startsWith('offline/') ? '' : 'pki', `${name}.crt`);

const STATE_WIDTH = 'ended (on purpose)'.length;

function stateOf(file: string, now: Date, onPurpose: boolean): string {
  const certificate = read(file);
  if (typeof certificate === 'string') return styleText('red', certificate);
  const { validFromDate, validToDate, raw } = certificate;
  const [colour, left] = leftOf(validFromDate, validToDate, now, onPurpose);
  const until = `${validToDate.toISOString().slice(0, 16)}Z`;
  return `${styleText(colour, left.padEnd(STATE_WIDTH))}  ${until}  ${thumbprint(raw)}`;
}

function read(file: string): X509Certificate | 'missing' | 'unreadable' {
  if (!existsSync(file)) return 'missing';
  try {
    return new X509Certificate(readFileSync(file));
  } catch {
    return 'unreadable';
  }
}

function leftOf(from: Date, to: Date, now: Date, onPurpose: boolean): ['green' | 'yellow' | 'red' | 'dim', string] {
  if (now > to) return onPurpose ? ['dim', 'ended (on purpose)'] : ['red', 'ended'];
  if (now < from) return ['red', 'not valid yet'];
  const left = to.getTime() - now.getTime();
  return [left < (to.getTime() - from.getTime()) / 3 ? 'yellow' : 'green', inWords(left / 3_600_000)];
}

const inWords = (hours: number): string =>
  hours < 48 ? `${Math.floor(hours)} hours` : `${Math.floor(hours / 24)} days`;
