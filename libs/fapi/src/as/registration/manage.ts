import type { PeerCertificate } from '@holdfast/mtls';
import { formatDn, matchesSubject } from '@holdfast/mtls';
import type { Trail } from '../../audit.ts';
import { audited } from '../../audit.ts';
import { refuse } from '../../errors.ts';
import type { Engine } from '../engine.ts';
import { trailOf } from '../engine.ts';
import { revokeGrantsOfClient } from '../token/grants.ts';
import type { ClientInformation } from './client-information.ts';
import { clientInformation } from './client-information.ts';
import { checkNotConfigured, identifiersOfParticipant } from './identifiers.ts';
import type { ClientMetadata } from './metadata-members.ts';
import { malformed } from './metadata-members.ts';
import type { RegistrationRequest } from './register.ts';
import { checkDone, checkHolder, metadataIn, noteStatement, presentParticipant, termsOf } from './register.ts';
import type { ClientRegistration } from './registrations.ts';
import type { SoftwareStatement } from './software-statement.ts';
import { acceptedStatement, verifySoftwareStatement } from './software-statement.ts';
import { registeredClient, vouchedClient } from './vouched-client.ts';

/**
 * Tells a client its registration. RFC7592-2.1.
 * @throws OAuthError `invalid_client` or `invalid_token`
 */
export function readRegistration(
  as: Engine,
  request: RegistrationRequest,
  clientId: string,
): Promise<ClientInformation> {
  return audited(as.audit, 'registration.read', trailOf(request), async (trail) => {
    const { registration, token } = await ownRegistration(as, request, clientId, trail);
    return clientInformation(as, { registration, client: registeredClient(as, termsOf(as), registration) }, token);
  });
}

/**
 * Replaces a registration as a whole: what is left out is gone. RFC7592-2.2. A new statement may come with it, for the same
 * software; without one, what the directory vouched for before still holds.
 *
 * @throws OAuthError as for a first registration, or `invalid_token`
 */
export function updateRegistration(
  as: Engine,
  request: RegistrationRequest,
  clientId: string,
): Promise<ClientInformation> {
  return audited(as.audit, 'registration.update', trailOf(request), async (trail) => {
    const { registration: before, certificate, token } = await ownRegistration(as, request, clientId, trail);
    const terms = termsOf(as);
    const asked = updateIn(request.body, clientId);
    const statement = await statementOf(as, before, asked, certificate);
    noteStatement(trail, statement);
    const { client, registration } = vouchedClient(as, terms, statement, asked, before);
    const identifiers = await identifiersOfParticipant(client, certificate);
    await checkNotConfigured(terms, identifiers);
    const used = statement.text === before.statement ? {} : { used: statement.used };
    checkDone(await terms.registrations.replace({ registration, identifiers, ...used }));
    return clientInformation(as, { client, registration }, token);
  });
}

/**
 * Ends a registration, and with it everything that was issued to the client: its tokens are refused at the bank within two
 * seconds. RFC7592-2.3.
 *
 * @throws OAuthError `invalid_client` or `invalid_token`
 */
export function deleteRegistration(as: Engine, request: RegistrationRequest, clientId: string): Promise<void> {
  return audited(as.audit, 'registration.delete', trailOf(request), async (trail) => {
    await ownRegistration(as, request, clientId, trail);
    // Before, so that a crash between the two leaves a client that can ask again; and after, because a token may have been
    // in the making until the client was gone.
    await revokeGrantsOfClient(as, clientId, 'client_deleted');
    await termsOf(as).registrations.remove(clientId);
    await revokeGrantsOfClient(as, clientId, 'client_deleted');
  });
}

interface OwnRegistration {
  readonly registration: ClientRegistration;
  readonly certificate: PeerCertificate;
  readonly token: string;
}

/**
 * The registration that this caller may manage. Two things are needed: the token it was given (RFC7592-2), and a certificate
 * with the name its directory vouched for. A token found in a log is worth nothing without the key, and a renewed certificate
 * goes on being good.
 */
async function ownRegistration(
  as: Engine,
  request: RegistrationRequest,
  clientId: string,
  trail: Trail,
): Promise<OwnRegistration> {
  const terms = termsOf(as);
  const certificate = presentParticipant(as, terms, request.peer);
  const token = bearerToken(request.authorization);
  // RFC7592-2.1: a client that is gone and a wrong token look alike.
  const registration = await terms.registrations.findByToken(clientId, token);
  if (registration === undefined) throw denied('registration_token_wrong');
  trail.client = registration.clientId;
  if ((await as.clients.find(clientId))?.disabled === true) throw refuse('invalid_client', 'client_disabled');
  const { holder } = acceptedStatement(as, registration.statement);
  if (!matchesSubject(certificate, holder))
    throw refuse('invalid_client', 'certificate_subject_mismatch', {
      evidence: { registered: `${holder.kind}=${holder.value}`, presented: formatDn(certificate.subject) },
    });
  return { registration, certificate, token };
}

// RFC7592-2, RFC6750-2.1: in the header and nowhere else.
function bearerToken(authorization: readonly string[]): string {
  const [header, ...more] = authorization;
  if (header === undefined) throw denied('registration_token_missing', 'Bearer');
  const token = more.length > 0 ? undefined : /^Bearer ([\w-]{1,256})$/i.exec(header)?.[1];
  return token ?? fail();
}

function fail(): never {
  throw denied('registration_token_wrong');
}

const denied = (
  reason: 'registration_token_missing' | 'registration_token_wrong',
  challenge = 'Bearer error="invalid_token"',
) => refuse('invalid_token', reason, { show: 'json', challenge });

/** RFC7592-2.2: an update names its client, and nothing that only the server says. */
const SERVER_ONLY = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
];

function updateIn(body: unknown, clientId: string): ClientMetadata {
  const asked = metadataIn(body);
  if (asked['client_id'] !== clientId) throw malformed('client_id', 'not that of this registration');
  const foreign = [...SERVER_ONLY, 'client_secret'].find((member) => member in asked);
  if (foreign !== undefined) throw malformed(foreign, 'not for the client to say');
  return asked;
}

async function statementOf(
  as: Engine,
  before: ClientRegistration,
  asked: ClientMetadata,
  certificate: PeerCertificate,
): Promise<SoftwareStatement> {
  const accepted = acceptedStatement(as, before.statement);
  const text = asked['software_statement'];
  // What a client was told of its registration it may send back; that is no new statement.
  if (text === undefined || text === before.statement) return accepted;
  const statement = await verifySoftwareStatement(as, termsOf(as), text);
  if (statement.softwareId !== accepted.softwareId)
    throw refuse('unapproved_software_statement', 'software_statement_other_software');
  checkHolder(statement, certificate);
  return statement;
}
