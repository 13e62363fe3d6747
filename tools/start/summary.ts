import { join, relative } from 'node:path';
import { styleText } from 'node:util';
import { appNames, urlsAt } from '../platform/apps.ts';
import type { AppName } from '../platform/apps.ts';
import type { EdgeProxyName } from '../platform/edge-proxy.ts';
import { workspaceRoot } from '../workspace.ts';

const defaultHome = join(workspaceRoot, '.holdfast');

const bold = (text: string): string => styleText('bold', text);
const dim = (text: string): string => styleText('dim', text);
const link = (text: string): string => styleText(['cyan', 'underline'], text);
const row = (label: string, value: string, note = ''): string =>
  `  ${label.padEnd(24)}${value}${note && `  ${dim(note)}`}`;

/** What a person sees when everything is ready: where to go, as whom, what to try, and how to leave. */
export function summary(options: {
  readonly apps: readonly AppName[];
  readonly offset: number;
  readonly home: string;
  readonly seconds: number;
  readonly behind?: EdgeProxyName;
}): string {
  const { apps, offset, home, seconds, behind } = options;
  const urls = urlsAt(offset);
  const runs = (app: AppName): boolean => apps.includes(app);
  const homeOption = home === defaultHome ? '' : ` -- --home ${shown(home)}`;
  const attack = `npm run attack${homeOption}`;
  return [
    '',
    `  ${styleText(['bold', 'green'], 'Holdfast is ready')} ${dim(`in ${seconds.toFixed(1)} s`)}`,
    '',
    ...(runs('fintech') ? [row('Tidepool, the fintech', link(urls.fintech), 'start here')] : []),
    ...(runs('lab') ? [row('The lab', link(urls.lab), 'where stolen tokens fail')] : []),
    ...(runs('authorization-server')
      ? [row('Authorization server', link(`${urls.issuer}/.well-known/openid-configuration`))]
      : []),
    ...(runs('bank')
      ? [row('Harbour Bank API', urls.bank, 'answers only to a certificate and a token bound to it')]
      : []),
    ...(behind ? [row('In front of both', behind, 'ends the TLS of clients with certificates')] : []),
    '',
    row('Customers', `${bold('alice')} / alice-demo   ${bold('bob')} / bob-demo   ${bold('mallory')} / mallory-demo`),
    '',
    ...(appNames.every(runs)
      ? [
          `  ${bold('Try')}`,
          `  1  Open Tidepool, link Harbour Bank, log in as alice, choose her accounts, see the balances.`,
          `  2  Open the lab and steal her token: it pays out at the bearer bank and fails at Harbour Bank.`,
          `  3  In a second terminal: ${bold(attack)}`,
          '',
        ]
      : []),
    `  ${bold('Your browser will warn')}, once for each of the pages, because their root certificate was made on this machine.`,
    `  Accept it there, or trust the root, which is limited to localhost: ${dim(`npm run trust${homeOption}`)}`,
    '',
    dim(`  Keys, data and logs are in ${shown(home)}. Ctrl-C stops everything; npm run reset starts afresh.`),
    '',
  ].join('\n');
}

function shown(home: string): string {
  return relative(process.cwd(), home) || '.';
}
