import type { Scenario } from '../scenario.ts';

/** Milliseconds a token is asked about; it lives a minute longer. On a busy machine a run takes longer than that. */
const ASKED_FOR = 240_000;

export const scenario: Scenario = {
  title: 'introspection',
  operations: 200,
  warmUp: 28_000,
  notes: [
    'The same token each time. Holdfast verifies its signature once, remembers that, and asks for its state each time; the bare app verifies each time.',
    'oidc-provider refuses to introspect a JWT and looks up an opaque token.',
  ],
  async prepare({ client, introspectableResource }) {
    const asked = introspectableResource === undefined ? {} : { resource: introspectableResource };
    const browser = await client.loggedIn();
    const newToken = async () => {
      const { access_token: value } = await client.pass(browser, asked);
      return { value, until: performance.now() + ASKED_FOR };
    };
    // There before the first slice, which begins with new connections. A promise, so that the lanes get one between them.
    let token = Promise.resolve(await newToken());
    return async () => {
      if (performance.now() > (await token).until) token = newToken();
      await client.introspect((await token).value);
    };
  },
};
