import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { readArguments } from './arguments.ts';
import { askPassword } from './export/ask-password.ts';
import { exportIdentity, FORMATS } from './export/export-identity.ts';
import type { Format } from './export/export-identity.ts';
import { PlatformTrouble, tellTrouble } from './platform/trouble.ts';
import { workspaceRoot } from './workspace.ts';

const usage = `npm run export-identity -- <holder>/<name> [options]

Certificate, chain and key of a participant, such as developer/client, as one file for a browser or a tool.

  --format p12            PKCS#12: AES-256, PBKDF2 with SHA-256 (default)
  --format p12-legacy     PKCS#12 for keychains that read nothing else (Windows before Server 2019, older macOS): triple DES, SHA-1
  --format pem            key, then certificates, not locked
  --format pem-encrypted  the same with the key locked by AES-256
  --ask                   ask for a password; else a random one is made and written beside the file
  --out <dir>             where to (default <home>/exports)
  --home <dir>            whose identity (default .holdfast)`;

const isFormat = (name: string): name is Format => Object.hasOwn(FORMATS, name);

async function main(): Promise<void> {
  const command = 'npm run export-identity';
  const { positionals, values } = readArguments(command, {
    allowPositionals: true,
    options: {
      format: { type: 'string', default: 'p12' },
      ask: { type: 'boolean', default: false },
      out: { type: 'string' },
      home: { type: 'string', default: '.holdfast' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0)
    throw new PlatformTrouble('one identity is exported at a time', `Name it: ${command} -- developer/client`);
  const { format } = values;
  if (!isFormat(format))
    throw new PlatformTrouble(`"${format}" is not a format`, `Take one of ${Object.keys(FORMATS).join(', ')}`);
  const home = resolve(workspaceRoot, values.home);
  const folder = values.out === undefined ? join(home, 'exports') : resolve(values.out);
  const password =
    values.ask && FORMATS[format].locked
      ? { password: await askPassword({ input: process.stdin, output: process.stderr }) }
      : {};
  const { file, passwordFile } = exportIdentity({ home, name, format, folder, ...password, random: randomBytes });
  console.log(`Wrote ${file}${passwordFile === undefined ? '' : `, its password in ${passwordFile}`}.`);
  if (!FORMATS[format].locked) console.log('The key in it is not locked: whoever can read the file has it.');
}

main().catch((error: unknown) => {
  tellTrouble(error);
  process.exitCode = 1;
});
