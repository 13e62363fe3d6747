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

interface Configuration {
  readonly authority: { readonly leaves: readonly Leaf[] };
  /** For this one the lab enrols when it plays the client that loses its key, and not before. */
  readonly careless?: { readonly leaf: string };
}

function configurationOf(set: string, app: string): Configuration {
  return JSON.parse(readFileSync(join(workspaceRoot, 'infra/config', set, `${app}.json`), 'utf8')) as Configuration;
}

// What a process asks for and what the authority gives are written down apart, because each holds the other to it.
describe.each(['local', 'compose'])('the certificates in the configurations of %s', (set) => {
  it.each(appNames.filter((app) => app !== 'certificate-authority'))('are those of the list: %s', (app) => {
    const { authority, careless } = configurationOf(set, app);
    const { leaves } = authority;
    const enrolled = Object.entries(list.leaves).filter(
      ([name, leaf]) => leaf.enrols && name.startsWith(`${app}/`) && name !== careless?.leaf,
    );
    expect(leaves.map(({ name }) => name).toSorted()).toEqual(enrolled.map(([name]) => name).toSorted());
    for (const { name, purpose, subject, dns = [], uri = [], key = 'P-256' } of leaves) {
      const { authority: wanted, key: listed, ...names } = list.leaves[name]!;
      expect([purpose, subject, dns, uri, key], name).toEqual([
        wanted,
        names.subject,
        names.dns ?? [],
        names.uri ?? [],
        listed,
      ]);
    }
  });
});
