import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CERTIFICATE_FINDINGS } from '@holdfast/mtls';
import { PATIENTS } from '@holdfast/mtls/clinic';
import { describe, expect, it } from 'vitest';
import { workspaceRoot } from '../workspace.ts';

describe.each(['certificates.md', 'certificates.ja.md'])('docs/%s', (name) => {
  const text = readFileSync(join(workspaceRoot, 'docs', name), 'utf8');

  it('tells about every code of the catalogue, and about no other', () => {
    const told = new Set(
      Array.from(
        text.matchAll(/`((?:certificate|chain|issued|subject|name|key|revocation)_[a-z_]+)`/g),
        ([, code]) => code,
      ),
    );
    told.delete('certificate_subject_mismatch');
    expect([...told].sort()).toEqual(Object.keys(CERTIFICATE_FINDINGS).sort());
  });

  it('counts the patients right', () => {
    expect(text).toContain(`${PATIENTS.length}`);
  });
});
