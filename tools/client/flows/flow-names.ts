import { PlatformTrouble } from '../../platform/trouble.ts';
import { isJarm, isOpenId } from '../client-file.ts';
import type { LoadedClient } from '../load-client.ts';
import type { RelyingParty } from '../relying-party.ts';
import { introspectFlow, refreshFlow, revokeFlow } from './after-code.ts';
import { cibaPingFlow, cibaPollFlow } from './ciba.ts';
import { clientCredentialsFlow } from './client-credentials.ts';
import { codeFlow, hybridFlow } from './code.ts';

interface Flow {
  readonly does: string;
  readonly run: (us: RelyingParty) => Promise<void>;
  /** What a client file must say besides, for this flow. */
  readonly needs: readonly Need[];
}

/** What must hold of a client file, and what to say when it does not. */
type Need = (client: LoadedClient) => string | undefined;

const redirectUri: Need = ({ file }) => (file.redirect_uri === undefined ? 'redirect_uri' : undefined);
const ciba: Need = ({ file }) => (file.ciba === undefined ? 'ciba' : undefined);
const signingKeys: Need = ({ file }) => (file.jwks === undefined ? 'jwks, for the signed request' : undefined);
const openId: Need = ({ file }) => (isOpenId(file.scope) ? undefined : 'openid in its scope');
const notification: Need = ({ notification: listener }) =>
  listener === undefined ? 'ciba.backchannel_client_notification_endpoint and ciba.notification' : undefined;
// FAPI1-ADV-5.2.2-2: a code comes signed, by JARM or with an ID token.
const signedAnswer: Need = ({ file }) =>
  file.profile === 'fapi1-advanced' && !isJarm(file.response_mode)
    ? 'a response_mode with jwt (or run hybrid)'
    : undefined;

const throughBrowser = [redirectUri, signedAnswer];

export const FLOWS = {
  code: { does: 'authorization code, userinfo, resource', run: codeFlow, needs: throughBrowser },
  refresh: { does: 'code, then a refresh', run: refreshFlow, needs: throughBrowser },
  introspect: { does: 'code, then introspection', run: introspectFlow, needs: throughBrowser },
  revoke: { does: 'code, then revocation, and a look whether it held', run: revokeFlow, needs: throughBrowser },
  hybrid: { does: 'code and ID token together', run: hybridFlow, needs: [redirectUri, openId, signingKeys] },
  'client-credentials': { does: 'a token for the client itself', run: clientCredentialsFlow, needs: [] },
  'ciba-poll': { does: 'a person agrees elsewhere, we ask', run: cibaPollFlow, needs: [ciba, openId, signingKeys] },
  'ciba-ping': {
    does: 'a person agrees elsewhere, we are told',
    run: cibaPingFlow,
    needs: [ciba, openId, signingKeys, notification],
  },
} as const satisfies Record<string, Flow>;

export type FlowName = keyof typeof FLOWS;

export const flowNames = Object.keys(FLOWS) as readonly FlowName[];

/** @throws PlatformTrouble naming the flows there are */
export function flowNamed(name: string): FlowName {
  const found = flowNames.find((each) => each === name);
  if (found !== undefined) return found;
  throw new PlatformTrouble(`there is no flow ${name}`, `The flows are ${flowNames.join(', ')}.`);
}

/** @throws PlatformTrouble when the client file does not say enough for this flow */
export function checkFits(client: LoadedClient, name: FlowName): void {
  for (const need of FLOWS[name].needs) {
    const missing = need(client);
    if (missing !== undefined)
      throw new PlatformTrouble(`the flow ${name} needs ${missing} in the client file`, 'Add it, or run another flow.');
  }
}
