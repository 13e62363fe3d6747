import { describe, expect, it } from 'vitest';
import { checkAccept, checkInteraction, checkNoBody, checkQuery } from './read-form.ts';

describe('the form of a read', () => {
  it.each([{ 'content-length': '12' }, { 'transfer-encoding': 'chunked' }, { 'content-length': 'x' }])(
    'refuses a body announced by %o, unread [RFC6750-2.2]',
    (headers) => {
      expect(() => checkNoBody(headers)).toThrow(
        expect.objectContaining({ code: 'invalid_request', reason: 'token_in_body' }),
      );
    },
  );

  it.each(['text/html', 'application/xml, text/plain', 'application/json;q=0', 'application/*;q=0.000', '', 'json'])(
    'refuses to answer JSON to "Accept: %s" [RFC9110-12.5.1]',
    (accept) => {
      expect(() => checkAccept(accept)).toThrow(expect.objectContaining({ code: 'not_acceptable', status: 406 }));
    },
  );

  it.each(['1', 'not-a-uuid', 'c770aef3-6784-41f7-8e0e-ff5f97bddb3a, c770aef3-6784-41f7-8e0e-ff5f97bddb3a'])(
    'refuses the interaction id "%s", which the host did not take',
    (sent) => {
      expect(() => checkInteraction({ 'x-fapi-interaction-id': sent }, 'one of the host')).toThrow(
        expect.objectContaining({ reason: 'parameter_malformed', evidence: { header: 'x-fapi-interaction-id' } }),
      );
    },
  );

  it('refuses a parameter the route does not know, and names it only to the audit trail', () => {
    expect(() => checkQuery([['form', '2026-01-01']], ['from'])).toThrow(
      expect.objectContaining({
        reason: 'parameter_malformed',
        evidence: { parameter: 'form', problem: 'unknown' },
        description: 'a parameter is malformed',
      }),
    );
  });

  it('refuses a repeated parameter', () => {
    const pairs = [
      ['limit', '1'],
      ['limit', '2'],
    ] as const;
    expect(() => checkQuery(pairs, ['limit'])).toThrow(expect.objectContaining({ reason: 'parameter_repeated' }));
  });

  it.each([
    undefined,
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON;charset=UTF-8',
    '*/*',
    'text/html, application/*;q=0.8',
  ])('answers JSON to "Accept: %s" [RFC9110-12.5.1]', (accept) => {
    expect(() => checkAccept(accept)).not.toThrow();
  });

  it('takes no interaction id, and the one the host took', () => {
    expect(() => checkInteraction({}, 'one of the host')).not.toThrow();
    expect(() => checkInteraction({ 'x-fapi-interaction-id': 'taken' }, 'taken')).not.toThrow();
  });

  it('takes an empty body and known parameters', () => {
    expect(() => checkNoBody({ 'content-length': '0' })).not.toThrow();
    expect(checkQuery([['limit', '5']], ['limit'])).toEqual(new Map([['limit', '5']]));
  });
});
