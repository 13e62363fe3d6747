import type { Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  title: 'whole flow',
  operations: 50,
  // Some fifteen thousand requests; what all endpoints share was warm before.
  warmUp: 2_500,
  notes: [
    'PAR, authorize, consent page with the session of an earlier login, approval, code, tokens.',
    'Holdfast asks the bank for the accounts and has it record the consent, three gRPC calls over mTLS; the others ask nobody.',
  ],
  async prepare({ client }, lanes) {
    const browsers = await Promise.all(Array.from({ length: lanes }, () => client.loggedIn()));
    return (lane) => {
      const browser = browsers[lane];
      if (browser === undefined) throw new Error(`no browser for lane ${lane}`);
      return client.pass(browser);
    };
  },
};
