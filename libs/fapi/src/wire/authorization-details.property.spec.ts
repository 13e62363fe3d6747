import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OAuthError } from '../errors.ts';
import { anyText } from '../testing/jws.ts';
import { narrowDetails, parseIssuedDetails, parseRequestedDetails } from './authorization-details.ts';
import type { AuthorizationDetail, DetailType } from './authorization-details.ts';

const TYPES: readonly DetailType[] = [
  { type: 'account_information', actions: ['list', 'read'], locations: ['https://bank.test', 'https://other.test'] },
  { type: 'payment', actions: ['pay'], locations: ['https://bank.test'] },
];

/** What was read, or undefined where it was refused; nothing else may happen. */
function read(json: string): readonly AuthorizationDetail[] | undefined {
  try {
    return parseRequestedDetails(json, TYPES);
  } catch (error) {
    expect(error).toBeInstanceOf(OAuthError);
    expect((error as OAuthError).code).toBe('invalid_authorization_details');
    return undefined;
  }
}

const odd = fc.constantFrom<unknown>(null, '', 'list', 0, {}, [], [[]], ['list', 'list'], ['move'], [null], true);
const list = (values: readonly string[]) =>
  fc.oneof({ arbitrary: fc.shuffledSubarray([...values], { minLength: 1 }), weight: 4 }, { arbitrary: odd, weight: 1 });
const element = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      {
        type: fc.oneof(
          { arbitrary: fc.constantFrom('account_information', 'payment'), weight: 6 },
          { arbitrary: odd, weight: 1 },
        ),
        actions: list(['list', 'read', 'pay']),
        locations: list(['https://bank.test', 'https://other.test']),
        accounts: fc.constant(['acc-1']),
        consent_id: fc.constant('consent-1'),
        ['__proto__']: fc.constant({ actions: ['list'] }),
        constructor: odd,
      },
      { requiredKeys: ['type', 'actions'] },
    ),
  },
  { weight: 1, arbitrary: odd },
);
const details = fc.oneof({ weight: 6, arbitrary: fc.array(element, { maxLength: 3 }) }, { weight: 1, arbitrary: odd });

describe('requested authorization_details [RFC9396-5]', () => {
  it('are exactly what was sent and what the type allows, or are refused', () => {
    fc.assert(
      fc.property(details, (sent) => {
        const asked = read(JSON.stringify(sent));
        if (asked === undefined) return;
        expect(asked).toHaveLength((sent as unknown[]).length);
        for (const [at, detail] of asked.entries()) {
          const type = TYPES.find((known) => known.type === detail.type)!;
          expect(type.actions).toEqual(expect.arrayContaining([...detail.actions]));
          expect(type.locations).toEqual(expect.arrayContaining([...detail.locations]));
          expect({ locations: type.locations, ...((sent as object[])[at] ?? {}) }).toEqual(detail);
        }
        expect(new Set(asked.map(({ type }) => type)).size).toBe(asked.length);
      }),
    );
  });

  it('that keep every rule are accepted', () => {
    const one = (type: DetailType) =>
      fc.record(
        {
          type: fc.constant(type.type),
          actions: fc.shuffledSubarray([...type.actions], { minLength: 1 }),
          locations: fc.shuffledSubarray([...type.locations], { minLength: 1 }),
        },
        { requiredKeys: ['type', 'actions'] },
      );
    const good = fc.shuffledSubarray([...TYPES], { minLength: 1 }).chain((types) => fc.tuple(...types.map(one)));
    fc.assert(
      fc.property(good, (sent) => {
        expect(read(JSON.stringify(sent))).toHaveLength(sent.length);
      }),
    );
  });

  it('are refused when a member stands twice, whatever it says', () => {
    const member = fc.constantFrom(
      '"type":"payment"',
      '"actions":["pay"]',
      '"locations":["https://bank.test"]',
      '"\\u0061ctions":["pay"]',
    );
    fc.assert(
      fc.property(fc.array(member, { maxLength: 5 }), (members) => {
        const names = members.map((each) => each.split(':')[0]);
        const good = new Set(names).size === names.length && !names.includes('"\\u0061ctions"') && members.length > 0;
        const complete = good && names.includes('"type"') && names.includes('"actions"');
        expect(read(`[{${members.join(',')}}]`) !== undefined).toBe(complete);
      }),
    );
  });

  it('are read or refused, whatever the text', () => {
    const text = fc.oneof(
      anyText(20),
      fc.json(),
      details.map((sent) => JSON.stringify(sent).slice(0, -1)),
    );
    fc.assert(
      fc.property(text, (json) => {
        if (read(json) !== undefined) expect(Array.isArray(JSON.parse(json))).toBe(true);
      }),
    );
  });

  it('take no more than their time', () => {
    const unit = fc.string({
      unit: fc.constantFrom(...'[{"a:,1\\ }]'.split(''), '{"a":', '"\\"', '[['),
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(unit, (part) => {
        read(part.repeat(Math.floor(4_096 / part.length)));
        read(part.repeat(Math.floor((64 * 1024) / part.length)));
      }),
      { numRuns: 30 },
    );
  });
});

const granted = fc.shuffledSubarray([...TYPES]).chain((types) =>
  fc.tuple(
    ...types.map(({ type, actions, locations }) =>
      fc.record({
        type: fc.constant(type),
        actions: fc.subarray([...actions], { minLength: 1 }),
        locations: fc.subarray([...locations], { minLength: 1 }),
        consent_id: fc.constant('consent-1'),
        accounts: fc.constant(['acc-1']),
      }),
    ),
  ),
);

describe('granted authorization_details [RFC9396-6]', () => {
  it('are narrowed to what is asked, and never widened', () => {
    fc.assert(
      fc.property(granted, details, (have, sent) => {
        const asked = read(JSON.stringify(sent)) ?? [];
        const within = asked.every(({ type, actions, locations }) => {
          const grant = have.find((one) => one.type === type);
          return (
            grant !== undefined &&
            actions.every((each) => grant.actions.includes(each)) &&
            locations.every((each) => grant.locations.includes(each))
          );
        });
        if (!within) expect(() => narrowDetails(have, asked)).toThrow(OAuthError);
        else
          expect(narrowDetails(have, asked)).toEqual(
            asked.map((one) => ({ ...one, consent_id: 'consent-1', accounts: ['acc-1'] })),
          );
      }),
    );
  });

  it('are read back from a token, and odd ones grant nothing', () => {
    fc.assert(
      fc.property(granted, fc.anything(), (have, anything) => {
        expect(parseIssuedDetails(JSON.parse(JSON.stringify(have)))).toEqual(have);
        for (const { type, actions, locations } of parseIssuedDetails(anything)) {
          expect([type, ...actions, ...locations].every((text) => typeof text === 'string')).toBe(true);
        }
      }),
    );
  });
});
