import { styleText } from 'node:util';
import { expect, it } from 'vitest';
import { table } from './table.ts';

it('a table puts numbers under each other, whatever the width of their column, and colours take no room', () => {
  const red = styleText('red', '2.00', { validateStream: false });
  expect(
    table(
      ['', 'cost', 'of'],
      [
        ['refresh', '0.5', red],
        ['pushed request', '10.25', '1.00'],
      ],
    ),
  ).toEqual([
    '                  cost     of',
    '─'.repeat(14 + 3 + 5 + 3 + 4),
    `refresh            0.5   ${red}`,
    'pushed request   10.25   1.00',
  ]);
});
