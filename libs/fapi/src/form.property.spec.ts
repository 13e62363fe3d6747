import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OAuthError } from './errors.ts';
import { readForm } from './form.ts';

const name = fc.oneof(
  fc.constantFrom('client_id', 'CLIENT_ID', 'client_id ', '__proto__', 'constructor', '', 'a[]'),
  fc.string(),
);
const pairs = fc.array(fc.tuple(name, fc.oneof(fc.constant(''), fc.string())), { maxLength: 8 });

describe('parameters [RFC6749-3.2]', () => {
  it('are refused exactly when a name stands twice, with or without a value', () => {
    fc.assert(
      fc.property(pairs, (sent) => {
        const repeated = new Set(sent.map(([each]) => each)).size !== sent.length;
        if (!repeated) readForm(sent);
        else expect(() => readForm(sent)).toThrow(OAuthError);
      }),
    );
  });

  it('are those that have a value, and no others [RFC6749-3.1]', () => {
    fc.assert(
      fc.property(pairs, (sent) => {
        fc.pre(new Set(sent.map(([each]) => each)).size === sent.length);
        expect([...readForm(sent)]).toEqual(sent.filter(([, value]) => value !== ''));
      }),
    );
  });
});
