import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One temporary folder for everything a run of tests leaves lying, gone with its end; the workers inherit where it is. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-tests-'));
  // As the temporary folder of the machine is: PostgreSQL, which does not run as root, makes and removes its own there.
  chmodSync(folder, 0o1777);
  process.env['TMPDIR'] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
