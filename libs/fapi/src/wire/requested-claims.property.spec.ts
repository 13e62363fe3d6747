import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OAuthError } from '../errors.ts';
import { anyText } from '../testing/jws.ts';
import type { RequestedClaims } from './requested-claims.ts';
import { CLAIM_NAMES, parseRequestedClaims } from './requested-claims.ts';

/** What was read, or undefined where it was refused; nothing else may happen. */
function read(json: string): RequestedClaims | undefined {
  try {
    return parseRequestedClaims(json);
  } catch (error) {
    expect(error).toBeInstanceOf(OAuthError);
    expect(error).toMatchObject({ code: 'invalid_request', reason: 'claims_malformed' });
    return undefined;
  }
}

const value = fc.constantFrom('alice', 'bob', 'urn:holdfast:acr:password');
const wish = fc.option(
  fc.record({ essential: fc.boolean(), value, values: fc.array(value, { maxLength: 3 }) }, { requiredKeys: [] }),
);
const names = fc.constantFrom(...CLAIM_NAMES, 'sub', 'email', 'constructor', 'toString');
const wishes = fc.dictionary(names, wish, { maxKeys: 4 });
const good = fc.record({ id_token: fc.option(wishes), userinfo: fc.option(wishes) }, { requiredKeys: [] });

function personsIn(wishes: Record<string, { value?: string; values?: string[] } | null> | null | undefined): string[] {
  const sub = Object.hasOwn(wishes ?? {}, 'sub') ? wishes?.['sub'] : undefined;
  return sub?.value === undefined ? (sub?.values ?? []) : [sub.value];
}

describe('the claims parameter [OIDC-CORE-5.5]', () => {
  it('is read as it was asked, and claims nobody knows are left out', () => {
    fc.assert(
      fc.property(good, (sent) => {
        const asked = read(JSON.stringify(sent));
        // OIDC-CORE-5.5.1: one answer is about one person.
        const persons = [sent.id_token, sent.userinfo].flatMap(personsIn);
        expect(asked === undefined).toBe(new Set(persons).size > 1);
        if (asked === undefined) return;
        expect(asked.subject).toBe(persons[0]);
        const inIdToken = Object.keys(sent.id_token ?? {});
        const inUserinfo = Object.keys(sent.userinfo ?? {});
        expect(asked.idToken).toEqual(CLAIM_NAMES.filter((name) => inIdToken.includes(name)));
        expect(asked.userinfo).toEqual(CLAIM_NAMES.filter((name) => inUserinfo.includes(name)));
        const acr = Object.hasOwn(sent.id_token ?? {}, 'acr') ? sent.id_token?.['acr'] : undefined;
        const wanted = acr?.value === undefined ? (acr?.values ?? []) : [acr.value];
        expect(asked.essentialAcr).toEqual(acr?.essential === true ? wanted : []);
      }),
    );
  });

  it('that says one thing twice is refused [RFC8259-4]', () => {
    const twice = fc
      .tuple(fc.constantFrom('"sub":{"value":"alice"}', '"acr":null', '"name":null'), wish)
      .map(([member, other]) => `{${member},${member.replace(/:.*/, `:${JSON.stringify(other)}`)}}`);
    fc.assert(
      fc.property(twice, fc.constantFrom('id_token', 'userinfo'), (members, place) => {
        expect(read(`{"${place}":${members}}`)).toBeUndefined();
        expect(read(`{"${place}":{},"${place}":${members.replace(/,.*/, '}')}}`)).toBeUndefined();
      }),
    );
  });

  it('is read or refused, whatever the text', () => {
    const text = fc.oneof(
      anyText(20),
      fc.json(),
      fc.jsonValue({ maxDepth: 3 }).map((odd) => JSON.stringify({ id_token: odd })),
      fc
        .tuple(names, fc.jsonValue({ maxDepth: 2 }))
        .map(([name, odd]) => JSON.stringify({ userinfo: { [name]: odd } })),
      good.map((sent) => JSON.stringify(sent).slice(0, -1)),
    );
    fc.assert(
      fc.property(text, (json) => {
        const asked = read(json);
        if (asked === undefined) return;
        const sent = JSON.parse(json) as Record<string, unknown>;
        expect(sent).toBeTypeOf('object');
        const texts = [...asked.essentialAcr, ...(asked.subject === undefined ? [] : [asked.subject])];
        expect(texts.every((one) => typeof one === 'string')).toBe(true);
        expect(CLAIM_NAMES).toEqual(expect.arrayContaining([...asked.idToken, ...asked.userinfo]));
      }),
    );
  });

  it('takes no more than its time', () => {
    const unit = fc.string({
      unit: fc.constantFrom('{"a":', '[', '"', '\\', ':', ' ', '{', '}'),
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
