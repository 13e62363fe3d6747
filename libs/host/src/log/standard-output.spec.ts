import { EventEmitter } from 'node:events';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StandardOutput } from './standard-output.ts';

let written: string[];
let process: EventEmitter;
let log: pino.Logger;
beforeEach(() => {
  vi.useFakeTimers();
  written = [];
  process = new EventEmitter();
  log = pino({ base: {}, timestamp: false }, new StandardOutput((text) => void written.push(text), process));
});
afterEach(() => {
  vi.useRealTimers();
});

const messages = () => written.map((text) => text.match(/(?<="msg":")\w+/g));

describe('lines for standard output', () => {
  it.each(['warn', 'error', 'fatal'] as const)('are out before a %s returns, those that waited first', (level) => {
    log.info('one');
    log[level]('two');
    expect(messages()).toEqual([['one', 'two']]);
  });

  it('are out when the process exits, whatever the timer', () => {
    log.info('one');
    expect(written).toEqual([]);
    process.emit('exit');
    expect(messages()).toEqual([['one']]);
  });

  it('are written together, in order and once, within a moment', () => {
    log.info('one');
    log.info('two');
    vi.advanceTimersByTime(50);
    log.info('three');
    vi.advanceTimersByTime(50);
    expect(messages()).toEqual([['one', 'two'], ['three']]);
    vi.advanceTimersByTime(1_000);
    expect(written).toHaveLength(2);
  });
});
