import type { PeerCertificate } from '@holdfast/mtls';
import { formatDn, matchesSubject } from '@holdfast/mtls';
import type { Trail } from '../../audit.ts';
import { audited } from '../../audit.ts';
import { refuse } from '../../errors.ts';
import { presentCertificate } from '../../wire/client-certificate.ts';
import type { EndpointRequest, Engine } from '../engine.ts';
import { trailOf } from '../engine.ts';
import type { ClientInformation } from './client-information.ts';
import { clientInformation } from './client-information.ts';
import { checkNotConfigured, identifiersOfParticipant, identifierTaken } from './identifiers.ts';
import type { ClientMetadata } from './metadata-members.ts';
import type { DynamicRegistration, RegistrationOutcome } from './registrations.ts';
import type { SoftwareStatement } from './software-statement.ts';
import { verifySoftwareStatement } from './software-statement.ts';
import { vouchedClient } from './vouched-client.ts';

/** A registration request as the shell saw it. */
export interface RegistrationRequest extends Pick<EndpointRequest, 'authorization' | 'peer' | 'interaction'> {
  /** The JSON body, as parsed and not believed; `undefined` where there is none. */
  readonly body: unknown;
}

/**
 * Registers a client. RFC7591-3.
 *
 * Open to nobody in general: the caller proves by its certificate that it is a participant, and by a statement of the
 * directory that it runs this software. What neither of them says, the client may choose within its profile.
 *
 * @throws OAuthError `invalid_client`, `invalid_software_statement`, `unapproved_software_statement`,
 *   `invalid_client_metadata` or `invalid_redirect_uri`
 */
export function registerClient(as: Engine, request: RegistrationRequest): Promise<ClientInformation> {
  return audited(as.audit, 'registration.register', trailOf(request), async (trail) => {
    const terms = termsOf(as);
    const certificate = presentParticipant(as, terms, request.peer);
    const asked = metadataIn(request.body);
    const statement = await verifySoftwareStatement(as, terms, asked['software_statement']);
    noteStatement(trail, statement);
    checkHolder(statement, certificate);
    const who = { clientId: newClientId(as), issuedAt: as.clock.now() };
    const { client, registration } = vouchedClient(as, terms, statement, asked, who);
    const identifiers = await identifiersOfParticipant(client, certificate);
    await checkNotConfigured(terms, identifiers);
    const token = as.random.token(as.profile.secretBits);
    checkDone(await terms.registrations.register({ registration, identifiers, used: statement.used }, token));
    trail.client = client.id;
    return clientInformation(as, { client, registration }, token);
  });
}

/** @throws OAuthError `not_found` where nobody may register */
export function termsOf(as: Engine): DynamicRegistration {
  if (as.registration === undefined) throw refuse('not_found', 'route_unknown');
  return as.registration;
}

/**
 * The certificate of a participant, whoever it is. RFC8705-7.4: of the participants' own authority.
 * @throws OAuthError `invalid_client`
 */
export function presentParticipant(
  as: Engine,
  { authority }: DynamicRegistration,
  peer: PeerCertificate | undefined,
): PeerCertificate {
  const certificate = presentCertificate(peer, as.clock.now(), 'invalid_client');
  if (authority.hasIssued(certificate)) return certificate;
  const evidence = { issuer: formatDn(certificate.issuer) };
  throw refuse('invalid_client', 'certificate_issuer_mismatch', { evidence });
}

/**
 * The statement is about whoever presents it: a copy of it is worth nothing in other hands.
 * @throws OAuthError `unapproved_software_statement`
 */
export function checkHolder({ holder }: SoftwareStatement, certificate: PeerCertificate): void {
  if (matchesSubject(certificate, holder)) return;
  throw refuse('unapproved_software_statement', 'software_statement_holder_mismatch', {
    evidence: { vouched: `${holder.kind}=${holder.value}`, presented: formatDn(certificate.subject) },
  });
}

/** @throws OAuthError `invalid_client_metadata` when the body is no JSON object */
export function metadataIn(body: unknown): ClientMetadata {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as ClientMetadata;
  throw refuse('invalid_client_metadata', 'registration_body_malformed');
}

/** @throws OAuthError when the store has changed nothing */
export function checkDone(outcome: RegistrationOutcome): void {
  switch (outcome.kind) {
    case 'done':
      return;
    case 'replayed':
      throw refuse('invalid_software_statement', 'software_statement_replayed');
    case 'taken':
      throw identifierTaken(outcome.identifier);
    case 'gone':
      throw refuse('invalid_token', 'registration_token_wrong', { show: 'json' });
  }
}

export function noteStatement(trail: Trail, { softwareId }: SoftwareStatement): void {
  trail.evidence = { ...trail.evidence, software: softwareId.slice(0, 64) };
}

// Hexadecimal, because ids are written down everywhere, and what looks like a secret is taken out of logs.
const newClientId = (as: Engine): string => `dcr-${Buffer.from(as.random.token(128), 'base64url').toString('hex')}`;
