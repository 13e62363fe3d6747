import { describe, expect, it } from 'vitest';
import { readArguments } from './arguments.ts';

const read = (...args: string[]) => readArguments('bank', args, false);

describe('the command line', () => {
  it.each([
    [['--confg', 'x']],
    [['--config']],
    [['file.json']],
    [['--log', 'xml']],
    [['--check-config', '--check-health']],
    [['--check-config=yes']],
  ])('is refused as %j, naming what is allowed', (args) => {
    expect(() => read(...args)).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('--config <file>') }),
    );
  });

  it.each([[['--rotate']], [['--mend', '--check-health']], [['--mend', '--mend-not']]])(
    'is refused as %j when the process has the command --mend',
    (args) => {
      expect(() => readArguments('bank', args, false, ['mend'])).toThrow(
        expect.objectContaining({ remedy: expect.stringContaining('--check-health, --mend.') }),
      );
      expect(readArguments('bank', ['--mend'], false, ['mend']).task).toBe('mend');
    },
  );

  it('needs nothing at all', () => {
    expect(read()).toEqual({
      config: 'infra/config/local/bank.json',
      home: '.holdfast',
      log: 'json',
      debug: false,
      task: 'run',
    });
  });

  it('says everything a process can be told', () => {
    expect(read('--config', 'c.json', '--home', '/h', '--log', 'pretty', '--debug', '--check-health')).toEqual({
      config: 'c.json',
      home: '/h',
      log: 'pretty',
      debug: true,
      task: 'check-health',
    });
  });

  it('chooses readable lines at a terminal', () => {
    expect(readArguments('bank', [], true).log).toBe('pretty');
  });
});
