import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { join } from 'node:path';
import { workspaceRoot } from '../../workspace.ts';

/** Takes a certificate back as a person does: with the command. */
export async function revoke(home: string, serial: string): Promise<void> {
  const node = ['--conditions=@holdfast/source', '--disable-warning=ExperimentalWarning'];
  const command = [join(workspaceRoot, 'tools/pki/main.ts'), 'revoke', serial, '--home', home];
  await promisify(execFile)(process.execPath, [...node, ...command], { cwd: workspaceRoot });
}
