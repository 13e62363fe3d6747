import type { Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  title: 'introspection',
  operations: 200,
  notes: [
    'The same token each time. Holdfast verifies its signature once, remembers that, and asks for its state each time; the bare app verifies each time.',
    'oidc-provider refuses to introspect a JWT and looks up an opaque token.',
  ],
  async prepare({ client, introspectableResource }) {
    const asked = introspectableResource === undefined ? {} : { resource: introspectableResource };
    const { access_token: accessToken } = await client.pass(await client.loggedIn(), asked);
    return () => client.introspect(accessToken);
  },
};
