import { describe, expect, it } from 'vitest';
import { readStartOptions } from './options.ts';

describe('what npm start is told', () => {
  it.each([
    [['--foo'], 'Unknown option'],
    [['--ports', 'many'], 'is not an offset'],
    [['--ports', '60000'], 'is not an offset'],
    [['--only', 'bank,bnak'], 'no such app'],
    [['bank'], 'bank'],
    [['--behind', 'apache'], 'no such proxy'],
    [['--behind', 'toString'], 'no such proxy'],
  ])('refuses %j', (args, words) => {
    expect(() => readStartOptions(args)).toThrow(words);
  });

  it('understands the rest', () => {
    expect(readStartOptions(['--home', '/tmp/h', '--ports', '1000', '--only', 'bank, lab', '--json-ready'])).toEqual({
      home: '/tmp/h',
      offset: 1000,
      apps: ['certificate-authority', 'bank', 'lab'],
      jsonReady: true,
      help: false,
    });
  });

  it('puts a proxy in front when one is named', () => {
    expect(readStartOptions(['--behind', 'nginx']).behind).toBe('nginx');
    expect(readStartOptions([])).not.toHaveProperty('behind');
  });

  it('means everything when it is told nothing', () => {
    expect(readStartOptions([])).toMatchObject({ offset: 0, jsonReady: false });
    expect(readStartOptions([]).apps).toHaveLength(5);
  });
});
