import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Progress } from './progress.ts';

describe('a step that is shown in a file', () => {
  it('says each thing once, however long it is true, and ends with a mark and its time', async () => {
    const stream = new PassThrough();
    const progress = new Progress(stream as unknown as NodeJS.WriteStream);
    await progress.step('Bank', async (say) => {
      for (const what of ['starting', 'starting', 'waiting', 'starting']) say(what);
    });
    const lines = stripVTControlCharacters(String(stream.read())).split('\n');
    expect(lines).toEqual([
      '    Bank: starting',
      '    Bank: waiting',
      '    Bank: starting',
      expect.stringMatching(/^ {2}✔ Bank \d+\.\d s$/),
      '',
    ]);
  });

  it('is marked as failed by what it throws, which is thrown on', async () => {
    const stream = new PassThrough();
    const progress = new Progress(stream as unknown as NodeJS.WriteStream);
    await expect(progress.step('Bank', () => Promise.reject(new Error('no port')))).rejects.toThrow('no port');
    expect(String(stream.read())).toContain('✖');
  });
});
