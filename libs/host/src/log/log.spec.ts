import { describe, expect, it } from 'vitest';
import { createLogger } from './log.ts';
import type { LogOptions } from './log.ts';

function logger(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const log = createLogger({ name: 'bank', write: (line) => void lines.push(line), ...options });
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln';

describe('a log line', () => {
  it('is cleaned in its fields, its sentence, its errors and what a child adds', () => {
    const { log, lines } = logger();
    log.info({ token: JWT, deep: { note: JWT } }, `sentence ${JWT}`);
    log.info(`sentence alone ${JWT}`);
    log.error(new Error(`message ${JWT}`));
    log.error({ err: new Error(`message ${JWT}`) }, 'with an error');
    log.child({ session: `a ${JWT}`, access_token: 'x1y2' }).warn('child');
    expect(lines).toHaveLength(5);
    expect(lines.join('')).not.toMatch(/eyJ|x1y2/);
  });

  it('is one line of JSON, whatever it is told', () => {
    const { log, lines } = logger();
    log.info({ text: 'a\nb\r\n{"level":"fatal"}' }, 'forged\n{"level":"fatal"}');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd()).not.toContain('\n');
  });

  it('says when, how bad, who and what', () => {
    const { log, last } = logger();
    log.warn({ route: '/accounts' }, 'slow');
    expect(last()).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      name: 'bank',
      route: '/accounts',
      msg: 'slow',
    });
  });

  it('is left out below the level', () => {
    const { log, lines } = logger({ level: 'warn' });
    log.info('nothing');
    expect(lines).toEqual([]);
  });

  it('is readable for a person, with the stack of an error below it', () => {
    const { log, lines } = logger({ form: 'pretty' });
    log.info({ status: 200, route: '/accounts' }, 'answered');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO {2}bank {2}answered {2}status=200 {2}route=\/accounts\n$/);
    log.error({ err: new Error('broken') }, 'failed');
    expect(lines[1]).toMatch(/ ERROR bank {2}failed\s+\n {4}Error: broken\n {6}at /);
  });

  it('for a person cannot be forged by what a caller sent', () => {
    const { log, lines } = logger({ form: 'pretty' });
    log.info({ note: 'x\n12:00:00.000 INFO  bank  all is well' }, 'one\ntwo \u001b[31m');
    expect(lines[0]?.split('\n')).toHaveLength(2);
    expect(lines[0]).not.toContain('\u001b');
  });
});
