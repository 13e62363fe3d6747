import type { Client } from '../client.ts';
import { Refused } from '../client.ts';
import { NotOffered } from '../scenario.ts';
import type { Operation, Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  title: 'client credentials',
  operations: 200,
  warmUp: 28_000,
  notes: [],
  async prepare({ client }) {
    if (client.metadata.grant_types_supported?.includes('client_credentials') !== true)
      throw new NotOffered('its metadata does not list the grant client_credentials');
    return firstAccepted(client);
  },
};

/** Asks for details, or for a scope where the client may have no details on its own account. */
async function firstAccepted(client: Client): Promise<Operation> {
  const forms = [{ authorization_details: client.details }, {}, { scope: 'openid' }];
  const refusals: string[] = [];
  for (const form of forms) {
    const operation = () => client.token({ grant_type: 'client_credentials', ...form });
    try {
      await operation();
      return operation;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refusals.push(error.message);
    }
  }
  throw new NotOffered(`the client may not use the grant: ${refusals.join('; ')}`);
}
