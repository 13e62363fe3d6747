import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPkiList } from '@holdfast/pki';
import { describe, expect, it } from 'vitest';
import { workspaceRoot } from '../workspace.ts';
import { appNames } from './apps.ts';

interface Leaf {
  readonly name: string;
  readonly purpose: string;
  readonly subject: string;
  readonly dns?: readonly string[];
  readonly uri?: readonly string[];
  readonly key?: string;
}

const list = readPkiList();

function asked(set: string, app: string): readonly Leaf[] {
  const file = join(workspaceRoot, 'infra/config', set, `${app}.json`);
  const { authority } = JSON.parse(readFileSync(file, 'utf8')) as { authority: { leaves: readonly Leaf[] } };
  return authority.leaves;
}

// What a process asks for and what the authority gives are written down apart, because each holds the other to it.
describe.each(['local', 'compose'])('the certificates in the configurations of %s', (set) => {
  it.each(appNames.filter((app) => app !== 'certificate-authority'))('are those of the list: %s', (app) => {
    const leaves = asked(set, app);
    const enrolled = Object.entries(list.leaves).filter(([name, leaf]) => leaf.enrols && name.startsWith(`${app}/`));
    expect(leaves.map(({ name }) => name).toSorted()).toEqual(enrolled.map(([name]) => name).toSorted());
    for (const { name, purpose, subject, dns = [], uri = [], key = 'P-256' } of leaves) {
      const { authority, key: listed, ...names } = list.leaves[name]!;
      expect([purpose, subject, dns, uri, key], name).toEqual([
        authority,
        names.subject,
        names.dns ?? [],
        names.uri ?? [],
        listed,
      ]);
    }
  });
});
