import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AUTHORITY_COMMANDS } from './authority-commands.ts';
import type { AuthorityOptions } from './authority-commands.ts';
import { UsageError } from './usage-error.ts';

const nowhere: AuthorityOptions = {
  home: '/nowhere',
  compose: false,
  reason: undefined,
  json: false,
  within: 1,
};

describe('a command for the certificate authority is told in one line that', () => {
  it.each<[string, readonly string[], Partial<AuthorityOptions>, RegExp]>([
    ['revoke', [], {}, /takes one name/],
    ['revoke', ['developer/client', 'lab/web'], {}, /takes one name/],
    ['list', ['bank'], {}, /takes no name/],
    ['token', [], {}, /takes holders/],
    ['rotate', ['root'], {}, /takes root or intermediate/],
    ['rotate', ['root', 'nobody'], {}, /web, participants or services/],
    ['rotate', ['leaf', 'web'], {}, /takes root or intermediate/],
    ['abandon-rotation', ['root', 'web'], {}, /takes web, participants or services/],
    ['abandon-rotation', ['nobody'], {}, /takes web, participants or services/],
  ])('%s %j is a slip (%j)', async (command, names, options, problem) => {
    const run = AUTHORITY_COMMANDS[command]?.(names, { ...nowhere, ...options });
    await expect(run).rejects.toThrow(UsageError);
    await expect(AUTHORITY_COMMANDS[command]?.(names, { ...nowhere, ...options })).rejects.toThrow(problem);
  });

  it.each([
    ['revoke', ['developer/client']],
    ['list', []],
    ['token', ['bank']],
    ['rotate', ['root', 'web']],
    ['abandon-rotation', ['web']],
  ])('%s finds no platform', async (command, names) => {
    await expect(AUTHORITY_COMMANDS[command]?.(names, nowhere)).rejects.toThrow('there is no platform in /nowhere');
  });
});

describe('a step of a rotation by hand is told in one line that', () => {
  const conditions = ['--conditions=@holdfast/source', '--disable-warning=ExperimentalWarning'];
  const told = (...words: readonly string[]) => {
    const main = join(import.meta.dirname, 'main.ts');
    const { status, stderr } = spawnSync(process.execPath, [...conditions, main, ...words, '--home', '/nowhere'], {
      encoding: 'utf8',
    });
    return [status, stderr.split('\n')[0]];
  };

  it.each([
    [['make-successor', 'root', 'web'], 'there is no PKI in /nowhere: npm start makes one, --home names another'],
    [['retire-root', 'web'], 'there is no PKI in /nowhere: npm start makes one, --home names another'],
    [['make-successor', 'web'], 'make-successor takes root or intermediate, and web, participants or services'],
    [['retire-root', 'nobody'], 'retire-root takes web, participants or services'],
  ])('%j is a slip', (words, problem) => {
    expect(told(...words)).toEqual([2, problem]);
  });
});
