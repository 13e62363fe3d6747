import type { Probe } from './probe.ts';
import { authorizationProbes } from './probes/authorization.ts';
import { backchannelProbes } from './probes/backchannel.ts';
import { bankDpopProbes } from './probes/bank-dpop.ts';
import { clientProbes } from './probes/client.ts';
import { clientAuthenticationProbes } from './probes/client-authentication.ts';
import { codeBindingProbes } from './probes/code-binding.ts';
import { codeProbes } from './probes/codes.ts';
import { dpopProbes } from './probes/dpop.ts';
import { idTokenProbes } from './probes/id-tokens.ts';
import { metadataProbes } from './probes/metadata.ts';
import { pageProbes } from './probes/pages.ts';
import { parProbes } from './probes/par.ts';
import { policyProbes } from './probes/policies.ts';
import { requestObjectProbes } from './probes/request-objects.ts';
import { resourceServerProbes } from './probes/resource-server.ts';
import { revokedProbes } from './probes/revoked.ts';
import { signedAnswerProbes } from './probes/signed-answers.ts';
import { tokenAnswerProbes } from './probes/token-answers.ts';
import { tlsProbes } from './probes/tls.ts';
import { toldProbes } from './probes/told.ts';

/** Every probe there is. */
export const ALL_PROBES: readonly Probe[] = [
  ...policyProbes,
  ...tlsProbes,
  ...metadataProbes,
  ...parProbes,
  ...requestObjectProbes,
  ...codeBindingProbes,
  ...authorizationProbes,
  ...signedAnswerProbes,
  ...pageProbes,
  ...clientAuthenticationProbes,
  ...codeProbes,
  ...tokenAnswerProbes,
  ...idTokenProbes,
  ...dpopProbes,
  ...toldProbes,
  ...resourceServerProbes,
  ...revokedProbes,
  ...bankDpopProbes,
  ...clientProbes,
  ...backchannelProbes,
];

/** By the line it asks for. */
export const PROBES: ReadonlyMap<string, Probe> = new Map(ALL_PROBES.map((probe) => [probe.line, probe]));
