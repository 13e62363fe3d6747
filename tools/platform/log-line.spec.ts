import { describe, expect, it } from 'vitest';
import { readLogLine } from './log-line.ts';

describe('a line of a process', () => {
  it('is a sentence with its fields and its cause', () => {
    const line = '{"level":"warn","time":"x","name":"bank","port":9543,"err":{"message":"no peer"},"msg":"not yet"}';
    expect(readLogLine(line)).toEqual({ severity: 'warn', text: 'not yet  port=9543  (no peer)' });
  });

  it('is taken as it is when it is not ours, up to a readable length', () => {
    expect(readLogLine('Error: broke')).toEqual({ severity: 'raw', text: 'Error: broke' });
    expect(readLogLine('{"torn":')).toEqual({ severity: 'raw', text: '{"torn":' });
    expect(readLogLine('x'.repeat(1000)).text).toHaveLength(300);
  });

  it('counts what is fatal as an error', () => {
    expect(readLogLine('{"level":"fatal","msg":"the end"}').severity).toBe('error');
  });
});
