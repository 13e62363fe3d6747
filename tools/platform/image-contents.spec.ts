import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileOf, importsOf } from '../eslint/import-graph.ts';
import { workspaceRoot } from '../workspace.ts';

const read = (file: string): string => readFileSync(join(workspaceRoot, file), 'utf8');

/** What the Dockerfile takes along of `tools`: files, and folders whole. */
const taken = [...read('infra/compose/Dockerfile').matchAll(/(?<=\s)tools\/[\w./-]+(?=[\s;])/g)].map(([part]) => part);

/** Every script that a container runs without being built: in a command of Compose, or in the script of one. */
const run = ['compose.yaml', 'compose.proxied.yaml', 'prepare.sh']
  .flatMap((file) => [...read(`infra/compose/${file}`).matchAll(/tools\/[\w./-]+\.ts/g)])
  .map(([script]) => script);

/** The files of the workspace that are loaded with one, itself first. */
function loadedWith(script: string): readonly string[] {
  const loaded = new Set([join(workspaceRoot, script)]);
  for (const file of loaded)
    for (const { specifier, typeOnly } of importsOf(file)) {
      const next = typeOnly ? undefined : fileOf(file, specifier);
      if (next !== undefined) loaded.add(next);
    }
  return [...loaded].map((file) => relative(workspaceRoot, file));
}

describe('the image of the containers', () => {
  it('is told of more than one script', () => {
    expect([new Set(run).size, taken.length]).toEqual([2, expect.any(Number)]);
    expect(taken).toContain('tools/pki');
  });

  it.each([...new Set(run)])('has everything that %s loads', (script) => {
    const inImage = (file: string): boolean => taken.some((part) => file === part || file.startsWith(`${part}/`));
    expect(loadedWith(script).filter((file) => !inImage(file))).toEqual([]);
  });
});
