import { describe, expect, it } from 'vitest';
import { takeValues } from './command-values.ts';

describe('the values of commands', () => {
  it('are taken out of the command line, and the rest stays as it was', () => {
    const { args, values } = takeValues([
      '--config',
      'c.json',
      '--revoke=bank/api',
      '--reason=superseded',
      '--home',
      '/h',
    ]);
    expect(args).toEqual(['--config', 'c.json', '--revoke', '--home', '/h']);
    expect([...values]).toEqual([
      ['revoke', 'bank/api'],
      ['reason', 'superseded'],
    ]);
  });

  it('leave alone what is no command, for the process to refuse', () => {
    expect(takeValues(['--list', '--json', '--nonsense=1', 'word']).args).toEqual(['--list', '--nonsense=1', 'word']);
  });
});
