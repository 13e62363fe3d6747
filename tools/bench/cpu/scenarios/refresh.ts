import type { Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  title: 'refresh',
  operations: 200,
  warmUp: 28_000,
  notes: ['One signature each, and none of them rotates the refresh token.'],
  async prepare({ client }) {
    // Without `openid`, for which oidc-provider would sign an ID token each time and Holdfast would not.
    const { refresh_token: refreshToken } = await client.pass(await client.loggedIn(), { scope: '', nonce: '' });
    return () => client.token({ grant_type: 'refresh_token', refresh_token: refreshToken });
  },
};
