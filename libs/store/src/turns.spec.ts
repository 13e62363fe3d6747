import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

it('refuses a caller whose wait is too long, and does not count it afterwards', async () => {
  const turns = new Turns(20);
  expect(await turns.take()).toBe(true);
  expect(await turns.take()).toBe(false);
  turns.pass();
  expect(await turns.take()).toBe(true);
});

it('serves one at a time, first come first served', async () => {
  const turns = new Turns(1_000);
  const served: number[] = [];
  let holders = 0;
  await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      expect(await turns.take()).toBe(true);
      expect(++holders).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      served.push(index);
      holders--;
      turns.pass();
    }),
  );
  expect(served).toEqual(Array.from({ length: 50 }, (_, index) => index));
});
