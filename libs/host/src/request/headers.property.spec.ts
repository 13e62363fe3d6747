import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { cookieOf } from '../answer/cookie.ts';
import { Dialogue } from '../testing/dialogue.ts';
import { openDoor } from '../testing/door.ts';
import { authorizationOf, interactionOf } from './headers.ts';

@Controller()
class Headers {
  @Get('/headers')
  headers(@Req() request: FastifyRequest) {
    const cookie = cookieOf(request, 'visit') ?? null;
    return { authorization: authorizationOf(request), interaction: interactionOf(request), cookie };
  }
}

let dialogue: Dialogue;
beforeEach(async () => {
  const door = await openDoor({ controllers: [Headers], exposure: { 'GET /headers': 'none' } });
  dialogue = new Dialogue(door.port);
  onTestFinished(() => dialogue.close());
});

async function seen(lines: readonly (readonly [name: string, value: string])[]) {
  const headers = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const answer = await dialogue.ask(`GET /headers HTTP/1.1\r\nhost: a\r\n${headers}\r\n`);
  expect(answer.status).toBe(200);
  return JSON.parse(answer.body) as { authorization: string[]; interaction: string; cookie: string | null };
}

/** RFC9110-5.5: visible characters, bytes beyond ASCII, and spaces and tabs between them. */
const value = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(...'Bearer DPoP=,;"\t'.split(''), '\xa0', '\x85', '\xff'),
      fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)),
    ),
    maxLength: 20,
  })
  .map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ''));
const named = (name: string) => fc.tuple(fc.mixedCase(fc.constant(name)), value);

describe('headers at a listener [RFC9110-5.3]', () => {
  it('named Authorization are all seen, as sent and in order, whatever stands between them', async () => {
    const lines = fc.array(fc.oneof(named('authorization'), named('x-other'), named('proxy-authorization')), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(lines, async (sent) => {
        const own = sent.filter(([name]) => name.toLowerCase() === 'authorization').map(([, text]) => text);
        expect((await seen(sent)).authorization).toEqual(own);
      }),
    );
  });

  it('never carry anything but a UUID on as the interaction id', async () => {
    const uuid = fc.uuid();
    const nearly = fc.tuple(uuid, fc.constantFrom('', 'x', ',', '\xa0', ' x')).map((parts) => parts.join(''));
    const lines = fc.array(
      fc.tuple(fc.mixedCase(fc.constant('x-fapi-interaction-id')), fc.oneof(uuid, nearly, value)),
      { maxLength: 2 },
    );
    await fc.assert(
      fc.asyncProperty(lines, async (sent) => {
        const { interaction } = await seen(sent);
        expect(interaction).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);
        const [only, ...more] = sent;
        const taken =
          more.length === 0 && only !== undefined && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(only[1]);
        expect(sent.some(([, text]) => text === interaction)).toBe(taken);
      }),
    );
  });

  it('hold a cookie of ours once, or it is none', async () => {
    const pair = fc.constantFrom(
      '__Host-visit=a',
      '__Host-visit=b%20c',
      '__Host-visit=%zz',
      '__host-visit=c',
      'visit=d',
      'x=__Host-visit=e',
      '__Host-visits=f',
      '',
    );
    const header = fc.tuple(
      fc.mixedCase(fc.constant('cookie')),
      fc.array(pair, { maxLength: 4 }).map((pairs) => pairs.join('; ')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(header, { maxLength: 3 }), async (sent) => {
        const own = sent.flatMap(([, text]) => text.split('; ')).filter((text) => text.startsWith('__Host-visit='));
        const values: Record<string, string> = { '__Host-visit=a': 'a', '__Host-visit=b%20c': 'b c' };
        expect((await seen(sent)).cookie).toBe(own.length === 1 ? (values[own[0]!] ?? null) : null);
      }),
    );
  });
});
