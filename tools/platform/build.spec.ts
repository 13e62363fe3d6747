import { statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { workspaceRoot } from '../workspace.ts';
import type { AppName } from './apps.ts';
import { build } from './build.ts';

const module = join(workspaceRoot, 'libs/mtls/dist/index.js');

describe('a build', () => {
  beforeAll(() => build(['lab']), 240_000);

  it('leaves what is current where it lies: a platform may be running from it', async () => {
    const { ino, mtimeMs } = statSync(module);
    await build(['lab']);
    expect(statSync(module)).toMatchObject({ ino, mtimeMs });
  });

  it('fails with the words of the compiler', async () => {
    await expect(build(['nothing' as AppName])).rejects.toThrow(/^the build failed:\n {4}error TS\d+: .*nothing/);
  });
});
