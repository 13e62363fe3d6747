import { environment } from './checks/environment.ts';
import { chromium, clock, disk, node, ports, run } from './checks/machine.ts';
import { names } from './checks/names.ts';
import { pki, trust } from './checks/pki.ts';
import type { Found } from './doctor-findings.ts';
import { DOCTOR_FINDINGS } from './doctor-findings.ts';
import type { Check, Surroundings } from './surroundings.ts';
import type { Text } from '../language.ts';

/** Everything that is looked at, in the order in which it is told. */
export const CHECKS: readonly { readonly title: Text; readonly check: Check }[] = [
  { title: { en: 'Node', ja: 'Node' }, check: node },
  { title: { en: 'ports', ja: 'ポート' }, check: ports },
  { title: { en: 'clock', ja: '時計' }, check: clock },
  { title: { en: 'names below localhost', ja: 'localhost配下の名前' }, check: names },
  { title: { en: 'keys and certificates', ja: '鍵と証明書' }, check: pki },
  { title: { en: 'trust in the web root', ja: 'Webルートの信頼' }, check: trust },
  { title: { en: 'environment variables', ja: '環境変数' }, check: environment },
  { title: { en: 'Chromium', ja: 'Chromium' }, check: chromium },
  { title: { en: 'disk', ja: 'ディスク' }, check: disk },
  { title: { en: 'the running platform', ja: '稼働中のシステム' }, check: run },
];

/** What one check found. */
export interface Looked {
  readonly title: Text;
  readonly found: readonly Found[];
}

/** Looks at everything. Changes nothing. */
export async function examine(surroundings: Surroundings): Promise<readonly Looked[]> {
  return Promise.all(CHECKS.map(async ({ title, check }) => ({ title, found: await check(surroundings) })));
}

/** Whether anything stands in the way of a start, or of safety. */
export const isWell = (looked: readonly Looked[]): boolean =>
  looked.every(({ found }) => found.every(({ code }) => DOCTOR_FINDINGS[code].severity === 'note'));
