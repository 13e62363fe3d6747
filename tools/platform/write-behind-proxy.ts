import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { appNames } from './apps.ts';
import { behindProxy } from './behind-proxy.ts';

// Writes a folder of configurations again, for the same platform behind a proxy: `write-behind-proxy.ts <from> <to>`.
const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined) throw new TypeError('name the folder to read and the folder to write');
mkdirSync(to, { recursive: true });
for (const app of appNames) {
  const configuration = JSON.parse(readFileSync(join(from, `${app}.json`), 'utf8')) as Record<string, unknown>;
  writeFileSync(join(to, `${app}.json`), `${JSON.stringify(behindProxy(app, configuration), null, 2)}\n`);
}
