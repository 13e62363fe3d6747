import { expect, it, vi } from 'vitest';
import { Outage } from './outage.ts';

it('tells of an outage when it begins and when it ends, and with what is behind it', () => {
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn() };
  const outage = new Outage(log, 'the stream');
  outage.succeeded();
  for (let times = 0; times < 5; times += 1) outage.failed(new Error('fetch failed', { cause: new Error('refused') }));
  outage.succeeded();
  outage.succeeded();
  outage.failed('what a thing to throw');
  expect(log.warn.mock.calls).toEqual([
    [{ problem: 'fetch failed: refused' }, 'the stream: no success, trying on'],
    [{ problem: 'unknown' }, 'the stream: no success, trying on'],
  ]);
  expect(log.debug).toHaveBeenCalledTimes(4);
  expect(log.info.mock.calls).toEqual([['the stream: works again']]);
});
