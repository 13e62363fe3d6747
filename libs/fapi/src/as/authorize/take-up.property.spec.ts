import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { OAuthError } from '../../errors.ts';
import type { FormPairs } from '../../form.ts';
import { damagedForm } from '../../testing/damaged-form.ts';
import { engineFixture, GOOD_REQUEST, push } from '../../testing/engine-fixture.ts';
import type { EngineFixture } from '../../testing/engine-fixture.ts';
import { takeUpRequest } from './take-up.ts';

let f: EngineFixture;
let requestUri: string;
beforeAll(async () => {
  f = await engineFixture();
  requestUri = (await push(f)).request_uri;
});

describe('a pushed request at the authorization endpoint [RFC9126-4]', () => {
  it('is found by its two parameters to the letter, is never changed by others, and is refused on a page otherwise', async () => {
    const URI = 'the request_uri of this test';
    const query = damagedForm({ client_id: 'first', request_uri: URI }, [
      ...Object.keys(GOOD_REQUEST),
      'request',
      '__proto__',
    ]);
    await fc.assert(
      fc.asyncProperty(query, async (damaged) => {
        const pairs: FormPairs = damaged.map(([name, value]) => [name, value.replace(URI, requestUri)]);
        const kept = f.state.pushedRequests.get(requestUri)!.value;
        try {
          const pending = await takeUpRequest(f.engine, pairs);
          expect(pairs).toContainEqual(['client_id', 'first']);
          expect(pairs).toContainEqual(['request_uri', requestUri]);
          expect(pending).toMatchObject({ requestUri, client: { id: 'first' }, request: kept });
        } catch (error) {
          expect(error).toBeInstanceOf(OAuthError);
          expect(error).toMatchObject({ show: 'page', status: 400 });
        }
      }),
    );
    await expect(
      takeUpRequest(f.engine, [
        ['client_id', 'first'],
        ['request_uri', requestUri],
      ]),
    ).resolves.toMatchObject({ requestUri });
  });
});
