import { beforeEach, describe, expect, it } from 'vitest';
import { OAuthError, refuse } from '../../errors.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import {
  ALICE,
  authorize,
  BANK,
  engineFixture,
  expectNoSecrets,
  expectRefusal,
  ISSUER,
  locationOf,
  push,
  redeem,
} from '../../testing/engine-fixture.ts';
import type { Login } from './next-step.ts';
import { nextStep } from './next-step.ts';
import { approveAuthorization, askForConsent, denyAuthorization } from './consent.ts';
import type { PendingRequest } from './take-up.ts';
import { takeUpRequest } from './take-up.ts';

let f: EngineFixture;
beforeEach(async () => {
  f = await engineFixture();
});

type Pairs = readonly (readonly [string, string])[];
const takeUp = (pairs: Pairs) => takeUpRequest(f.engine, pairs);
const pendingRequest = async (changes: Record<string, string | undefined> = {}): Promise<PendingRequest> => {
  const { request_uri: uri } = await push(f, changes);
  return takeUp([
    ['client_id', 'first'],
    ['request_uri', uri],
  ]);
};

describe('the authorization endpoint refuses, with a local page', () => {
  const refused = async (pairs: Pairs, code: string, reason: string) => {
    const error = await expectRefusal(f, takeUp(pairs), code, reason);
    expect(error.show).toBe('page');
  };

  it('a request that was not pushed, however complete [FAPI2-SP-FINAL-5.3.2.2-3] [AUTH-03]', () =>
    refused(
      [
        ['client_id', 'first'],
        ['response_type', 'code'],
        ['redirect_uri', 'https://first.test/callback'],
      ],
      'invalid_request',
      'request_not_pushed',
    ));

  it('a request without client_id [RFC9126-4]', async () => {
    const { request_uri: uri } = await push(f);
    await refused([['request_uri', uri]], 'invalid_request', 'client_id_missing');
  });

  it('a client nobody registered', () => refused([['client_id', 'third']], 'invalid_request', 'client_not_registered'));

  it('a request_uri of somewhere else, which nobody fetches [RFC9126-2.1]', () =>
    refused(
      [
        ['client_id', 'first'],
        ['request_uri', 'https://evil.test/request.jwt'],
      ],
      'invalid_request_uri',
      'request_uri_malformed',
    ));

  it('a guessed request_uri [RFC9126-7.1]', () =>
    refused(
      [
        ['client_id', 'first'],
        ['request_uri', `urn:ietf:params:oauth:request_uri:${'A'.repeat(43)}`],
      ],
      'invalid_request_uri',
      'request_uri_unknown',
    ));

  it("another client's request_uri, and leaves it to its owner [RFC9126-2.2] [AUTH-05] [AUTH-06]", async () => {
    const { request_uri: uri } = await push(f);
    await refused(
      [
        ['client_id', 'second'],
        ['request_uri', uri],
      ],
      'invalid_request_uri',
      'request_uri_foreign',
    );
    await expect(
      takeUp([
        ['client_id', 'first'],
        ['request_uri', uri],
      ]),
    ).resolves.toMatchObject({ requestUri: uri });
  });

  it('a request_uri that has expired [RFC9126-2.2] [AUTH-09]', async () => {
    const { request_uri: uri, expires_in: lifetime } = await push(f);
    f.clock.advance(lifetime);
    await refused(
      [
        ['client_id', 'first'],
        ['request_uri', uri],
      ],
      'invalid_request_uri',
      'request_uri_expired',
    );
  });

  it('a request_uri that has done its work [RFC9126-4] [AUTH-08]', async () => {
    const { requestUri } = await authorize(f);
    await refused(
      [
        ['client_id', 'first'],
        ['request_uri', requestUri],
      ],
      'invalid_request_uri',
      'request_uri_used',
    );
  });

  it('a repeated parameter [RFC6749-3.1]', async () => {
    const { request_uri: uri } = await push(f);
    await refused(
      [
        ['client_id', 'first'],
        ['client_id', 'second'],
        ['request_uri', uri],
      ],
      'invalid_request',
      'parameter_repeated',
    );
  });
});

describe('the authorization endpoint', () => {
  it('reads nothing beside client_id and request_uri [RFC9126-4] [AUTH-01] [AUTH-02]', async () => {
    const { request_uri: uri } = await push(f);
    const pending = await takeUp([
      ['client_id', 'first'],
      ['request_uri', uri],
      ['scope', 'payments'],
      ['redirect_uri', 'https://evil.test'],
      ['state', 'other'],
      ['authorization_details', '[]'],
    ]);
    expect(pending.request).toMatchObject({
      redirectUri: 'https://first.test/callback',
      state: 'state-1',
      scopes: ['openid', 'profile'],
    });
  });

  it('is not used up by a reload or a link scanner [RFC9126-4] [AUTH-07]', async () => {
    const pending = await pendingRequest();
    const again = await takeUp([
      ['client_id', 'first'],
      ['request_uri', pending.requestUri],
    ]);
    expect(again).toEqual(pending);
  });
});

describe('the next step', () => {
  const since = () => f.clock.now();
  const step = async (changes: Record<string, string>, login: Login | undefined) =>
    nextStep(f.engine, await pendingRequest(changes), login, since());

  it.each([
    [undefined, 'login_required', 'login_needed'],
    [ALICE, 'consent_required', 'consent_needed'],
  ])(
    'is refused by redirect under prompt=none, and the request is over [OIDC-CORE-3.1.2.6]',
    async (login, code, reason) => {
      const pending = await pendingRequest({ prompt: 'none' });
      const error = await expectRefusal(f, nextStep(f.engine, pending, login, since()), code, reason);
      const target = locationOf(error.response);
      expect(Object.fromEntries(target.searchParams)).toEqual({ error: code, state: 'state-1', iss: ISSUER });
      expect(f.state.pushedRequests.get(pending.requestUri)?.used).toBe(true);
    },
  );

  it('is to log in when nobody is', async () => {
    expect(await step({}, undefined)).toBe('login');
  });

  it('is to log in again under prompt=login, until that was done [OIDC-CORE-3.1.2.1]', async () => {
    const before = { ...ALICE, authenticatedAt: new Date(f.clock.now().getTime() - 1000) };
    expect(await step({ prompt: 'login' }, before)).toBe('login');
    expect(await step({ prompt: 'login' }, { ...ALICE, authenticatedAt: f.clock.now() })).toBe('consent');
  });

  it('is to log in again when the login is older than max_age [OIDC-CORE-3.1.2.1]', async () => {
    const secondsAgo = (s: number) => ({ ...ALICE, authenticatedAt: new Date(f.clock.now().getTime() - s * 1000) });
    expect(await step({ max_age: '60' }, secondsAgo(61))).toBe('login');
    expect(await step({ max_age: '60' }, secondsAgo(60))).toBe('consent');
    expect(await step({ max_age: '0' }, secondsAgo(1))).toBe('login');
    expect(await step({ max_age: '0' }, secondsAgo(0))).toBe('consent');
  });

  it('is always to consent once logged in: there is no silent approval [OIDC-CORE-3.1.2.4] [AUTH-34]', async () => {
    await authorize(f);
    expect(await step({}, ALICE)).toBe('consent');
  });
});

describe('an approval is refused, with a local page and without a code,', () => {
  const approve = async (changes: (question: { hash: string; accounts: string[] }) => object, login: Login = ALICE) => {
    const pending = await pendingRequest();
    const question = await askForConsent(f.engine, pending, ALICE, f.clock.now());
    const honest = { shown: question.hash, accounts: question.accounts.map(({ id }) => id) };
    const approval = { ...honest, ...changes({ hash: honest.shown, accounts: honest.accounts }) };
    return approveAuthorization(f.engine, pending, login, f.clock.now(), approval);
  };
  const refused = async (decision: Promise<unknown>, code: string, reason: string) => {
    expect((await expectRefusal(f, decision, code, reason)).show).toBe('page');
    expect([f.state.codes.size, f.state.grants.size]).toEqual([0, 0]);
  };

  it('when it does not name what was shown [AUTH-33]', () =>
    refused(
      approve(() => ({ shown: '' })),
      'invalid_request',
      'consent_changed',
    ));

  it('when it names something else [AUTH-33]', () =>
    refused(
      approve(({ hash }) => ({ shown: `${hash.slice(1)}${hash.slice(0, 1)}` })),
      'invalid_request',
      'consent_changed',
    ));

  it('when the accounts have changed meanwhile [AUTH-33]', () =>
    refused(
      approve(() => {
        f.bank.accounts = f.bank.accounts.map((account) => ({ ...account, name: 'Joint' }));
        return {};
      }),
      'invalid_request',
      'consent_changed',
    ));

  it('when somebody else is logged in by now [AUTH-33]', () =>
    refused(
      approve(() => ({}), { ...ALICE, subject: 'mallory' }),
      'invalid_request',
      'consent_changed',
    ));

  it('when no account was chosen', () =>
    refused(
      approve(() => ({ accounts: [] })),
      'invalid_request',
      'consent_selection_invalid',
    ));

  it("when an account was chosen that was not on the page, such as somebody else's", () =>
    refused(
      approve(({ accounts }) => ({ accounts: [...accounts, 'acc-of-bob'] })),
      'invalid_request',
      'consent_selection_invalid',
    ));

  it('when the bank is away, and can be tried again', async () => {
    const pending = await pendingRequest();
    const question = await askForConsent(f.engine, pending, ALICE, f.clock.now());
    const approval = { shown: question.hash, accounts: ['acc-1'] };
    const attempt = () => approveAuthorization(f.engine, pending, ALICE, f.clock.now(), approval);
    f.bank.away = refuse('temporarily_unavailable', 'consent_holder_unavailable', { show: 'page' });
    await refused(attempt(), 'temporarily_unavailable', 'consent_holder_unavailable');
    f.bank.away = undefined;
    expect(locationOf(await attempt()).href).toContain('code=');
  });

  it('when the request was ended before', async () => {
    const pending = await pendingRequest();
    const question = await askForConsent(f.engine, pending, ALICE, f.clock.now());
    const approval = { shown: question.hash, accounts: ['acc-1'] };
    const attempt = () => approveAuthorization(f.engine, pending, ALICE, f.clock.now(), approval);
    await attempt();
    await expectRefusal(f, attempt(), 'invalid_request_uri', 'request_uri_used');
    expect(f.state.codes.size).toBe(1);
  });
});

describe('an approval', () => {
  it('goes back with code, state and iss, and nothing else [RFC9207-2] [AUTH-10] [RFC6749-4.1.2] [AUTH-11]', async () => {
    const { location, code } = await authorize(f);
    expect(location.origin + location.pathname).toBe('https://first.test/callback');
    expect(Object.fromEntries(location.searchParams)).toEqual({ code, state: 'state-1', iss: ISSUER });
    expect(location.hash).toBe('');
    expect(code).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('sends no state when none was sent [RFC6749-4.1.2] [AUTH-11]', async () => {
    const { location } = await authorize(f, { state: undefined });
    expect([...location.searchParams.keys()]).toEqual(['code', 'iss']);
  });

  it('keeps a query of the redirect URI as it is [RFC6749-3.1.2] [AUTH-12]', async () => {
    f = await engineFixture({ redirectUris: ['https://first.test/callback?bank=a%20b'] });
    const { location } = await authorize(f, { redirect_uri: 'https://first.test/callback?bank=a%20b' });
    expect(location.href).toMatch(/^https:\/\/first\.test\/callback\?bank=a%20b&code=/);
  });

  it('records at the bank what was chosen, under an id that repeats safely', async () => {
    const { requestUri } = await authorize(f);
    expect(f.bank.consents).toEqual([
      {
        requestId: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) as string,
        subject: 'alice',
        client: { id: 'first', name: 'Client first' },
        accounts: ['acc-1'],
        actions: ['list_accounts', 'read_balances'],
        expiresAt: new Date('2026-08-30T12:00:00Z'),
      },
    ]);
    expect(requestUri).not.toContain(f.bank.consents[0]?.requestId);
  });

  it('writes the choice into the details [RFC9396-7.1]', async () => {
    await authorize(f);
    expect([...f.state.grants.values()][0]).toMatchObject({
      clientId: 'first',
      subject: 'alice',
      authorizationDetails: [
        {
          type: 'account_information',
          actions: ['list_accounts', 'read_balances'],
          locations: [BANK],
          accounts: ['acc-1'],
          consent_id: 'consent-1',
        },
      ],
    });
  });

  it('does not ask the bank when the request concerns no accounts', async () => {
    await authorize(f, { authorization_details: undefined });
    expect(f.bank.consents).toEqual([]);
  });

  it('still works when the person took longer than the request_uri lives [FAPI2-SP-FINAL-5.3.2.2-12]', async () => {
    const pending = await pendingRequest();
    const since = f.clock.now();
    f.clock.advance(300);
    const question = await askForConsent(f.engine, pending, ALICE, since);
    const approval = { shown: question.hash, accounts: ['acc-2'] };
    const response = await approveAuthorization(f.engine, pending, ALICE, since, approval);
    expect(locationOf(response).href).toContain('code=');
  });

  it('leaves audit events that hold neither code nor handle', async () => {
    const { code, requestUri } = await authorize(f);
    expect(f.events.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'par.push allowed',
      'authorize.take_up allowed',
      'authorize.approve allowed',
    ]);
    expectNoSecrets(f, [code, requestUri.split(':').at(-1)]);
  });
});

describe('a denial', () => {
  it('goes back with access_denied, state and iss, and ends the request [RFC6749-4.1.2.1] [AUTH-14]', async () => {
    const pending = await pendingRequest();
    const error = await expectRefusal(
      f,
      denyAuthorization(f.engine, pending, ALICE),
      'access_denied',
      'consent_denied',
    );
    expect(error.show).toBe('redirect');
    const target = locationOf(error.response);
    expect(Object.fromEntries(target.searchParams)).toEqual({ error: 'access_denied', state: 'state-1', iss: ISSUER });
    const again = denyAuthorization(f.engine, pending, ALICE);
    await expect(again).rejects.toBeInstanceOf(OAuthError);
    await expectRefusal(f, again, 'invalid_request_uri', 'request_uri_used');
    expect(f.state.codes.size).toBe(0);
  });

  it('of one request does not hinder the next', async () => {
    await denyAuthorization(f.engine, await pendingRequest(), ALICE).catch(() => undefined);
    const { code } = await authorize(f);
    await expect(redeem(f, code)).resolves.toMatchObject({ token_type: 'Bearer' });
  });
});
