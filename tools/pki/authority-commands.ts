import { existsSync, readFileSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { PRIVATE, writeWhole } from '@holdfast/pki';
import { authorityProcess } from './authority-process.ts';
import { keeperAtHome, keeperInContainer } from './root-keeper.ts';
import { rotate } from './rotate.ts';
import { exactly, purposeOf, rotationOf } from './names.ts';
import { UsageError } from './usage-error.ts';

/** What the commands that ask the certificate authority are told. */
export interface AuthorityOptions {
  readonly home: string;
  readonly compose: boolean;
  readonly reason: string | undefined;
  readonly json: boolean;
  /** Seconds one phase of a rotation may take. */
  readonly within: number;
}

/** The commands, each with the names that follow it. A UsageError says what is wrong with those. */
export const AUTHORITY_COMMANDS: Readonly<
  Record<string, (names: readonly string[], options: AuthorityOptions) => Promise<void>>
> = {
  async revoke(names, { reason, ...where }) {
    const [what] = exactly(1, names, 'revoke takes one name or serial number, such as developer/client');
    const authority = await authorityProcess(where);
    const beside = reason === undefined ? [] : [`--reason=${reason}`];
    console.log(await authority.run(`--revoke=${serialOf(what ?? '')}`, ...beside));
  },
  async list(names, { json, ...where }) {
    exactly(0, names, 'list takes no name');
    console.log(await (await authorityProcess(where)).run('--list', ...(json ? ['--json'] : [])));
  },
  async token(names, where) {
    if (names.length === 0) throw new UsageError('token takes holders, such as bank');
    const said = await (await authorityProcess(where)).run(`--enrolment-token=${names.join(',')}`);
    // In a container each holder has a folder of its own, which only its owner opens: whoever asked passes the token on.
    if (where.compose) {
      console.log(said);
      return;
    }
    for (const line of said.split('\n')) {
      const [holder = '', token = ''] = line.split(' ');
      const file = join(where.home, 'pki', holder, 'enrolment.token');
      writeWhole(file, `${token}\n`, PRIVATE);
      console.log(`Wrote ${file}: good for one certificate within a day.`);
    }
  },
  async rotate(names, { within, ...where }) {
    const { kind, purpose } = rotationOf('rotate', names);
    const keeper = where.compose ? keeperInContainer() : keeperAtHome(where.home);
    await rotate(await authorityProcess(where), keeper, { kind, purpose, within: within * 1_000 });
  },
  async 'abandon-rotation'(names, where) {
    const purpose = purposeOf('abandon-rotation', names);
    await (await authorityProcess(where)).run(`--abandon-rotation=${purpose}`);
    console.log(`The rotation of ${purpose} is taken back: all trust what they trusted before it.`);
  },
};

/** A certificate file is as good as its serial number. */
const serialOf = (what: string): string =>
  existsSync(what) ? new X509Certificate(readFileSync(what)).serialNumber : what;
