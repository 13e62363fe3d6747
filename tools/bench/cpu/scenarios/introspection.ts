import type { Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  title: 'introspection',
  operations: 400,
  notes: ['Holdfast and the bare app verify a JWT; oidc-provider refuses those and looks up an opaque one.'],
  async prepare({ client, introspectableResource }) {
    const asked = introspectableResource === undefined ? {} : { resource: introspectableResource };
    const { access_token: accessToken } = await client.pass(await client.loggedIn(), asked);
    return () => client.introspect(accessToken);
  },
};
