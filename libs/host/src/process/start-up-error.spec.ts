import { MtlsConfigError } from '@holdfast/mtls';
import { describe, expect, it } from 'vitest';
import { checkNodeVersion, explainStart, StartUpError } from './start-up-error.ts';

describe('a failed start', () => {
  it('on an old Node says what is needed', () => {
    expect(() => checkNodeVersion('20.20.2')).toThrow(/needs Node 24 or newer and runs on 20\.20\.2/);
    expect(() => checkNodeVersion('24.0.0')).not.toThrow();
  });

  it('for a port that is taken says which one, and how to find its holder', () => {
    const error = Object.assign(new Error('listen EADDRINUSE'), {
      code: 'EADDRINUSE',
      port: 9543,
      address: '127.0.0.1',
    });
    expect(explainStart(error)).toEqual({
      problem: 'port 9543 on 127.0.0.1 is taken by another process',
      remedy: expect.stringContaining('sport = :9543'),
    });
  });

  it('for a missing PKI says how it is made', () => {
    const error = Object.assign(new Error('ENOENT'), { code: 'ENOENT', path: '/x/.holdfast/pki/bank/api.crt' });
    expect(explainStart(error).remedy).toContain('npm start');
  });

  it('keeps the remedy of those who know, each in one line', () => {
    expect(explainStart(new StartUpError('two\n  lines', 'do this'))).toEqual({
      problem: 'two lines',
      remedy: 'do this',
    });
    expect(explainStart(new MtlsConfigError('expired', 'renew'))).toEqual({ problem: 'expired', remedy: 'renew' });
    const ofTheStore = Object.assign(new Error('no database'), { remedy: 'create it' });
    expect(explainStart(ofTheStore)).toEqual({ problem: 'no database', remedy: 'create it' });
  });

  it('of any other kind is one line all the same', () => {
    expect(explainStart('odd').problem).toBe('odd');
    expect(explainStart(new Error('a\nb')).remedy).toContain('--debug');
  });
});
