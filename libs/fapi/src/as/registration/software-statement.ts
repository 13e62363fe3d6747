import type { SubjectSelector } from '@holdfast/mtls';
import { decodeJwt } from 'jose';
import { epochSeconds } from '../../clock.ts';
import { refuse } from '../../errors.ts';
import type { ProfileName } from '../../profile.ts';
import { MAX_CLOCK_SKEW_SECONDS } from '../../profile.ts';
import type { JwsClaims } from '../../wire/jws.ts';
import { audienceHas, dateClaim, isOddDate, JwsRefused, verifyJws } from '../../wire/jws.ts';
import { keyAmong } from '../client-auth/client-keys.ts';
import type { Engine } from '../engine.ts';
import { CLIENT_METADATA_MEMBERS, subjectOf } from './client-metadata.ts';
import type { ClientMetadata } from './metadata-members.ts';
import { listMember } from './metadata-members.ts';
import type { DynamicRegistration } from './registrations.ts';

/** Our choice; RFC7591-2.3 names no type. RFC8725-3.11: no other JWT of the directory can be taken for a statement. */
const TYPE = 'software-statement+jwt';

/** What a directory says of a piece of software and of whoever runs it. RFC7591-2.3. */
export interface SoftwareStatement {
  /** As it was presented. */
  readonly text: string;
  readonly softwareId: string;
  /** The profile this software is held to. */
  readonly profile: ProfileName;
  /** The name in the certificate of whoever runs it. */
  readonly holder: SubjectSelector;
  /** Every redirect URI this software may have. */
  readonly redirectUris: readonly string[];
  /** Client metadata the directory vouches for. */
  readonly metadata: ClientMetadata;
  /** Serves once; from `until` on nobody needs to remember it. */
  readonly used: { readonly issuer: string; readonly jti: string; readonly until: Date };
}

/**
 * Verifies a statement and reads it. RFC7591-2.3, RFC7591-3.1.1.
 * @throws OAuthError `invalid_software_statement`, or `unapproved_software_statement` when it is sound and not for us
 */
export async function verifySoftwareStatement(
  as: Engine,
  { directory }: DynamicRegistration,
  text: unknown,
): Promise<SoftwareStatement> {
  if (typeof text !== 'string' || text === '') throw invalid('software_statement_missing');
  const claims = await verified(as, directory.keys, text);
  if (claims['iss'] !== directory.issuer)
    throw refuse('unapproved_software_statement', 'software_statement_issuer_unknown');
  if (claims['aud'] !== undefined && !audienceHas(claims, as.issuer))
    throw invalid('software_statement_audience_wrong');
  checkTimes(as, claims);
  return readSoftwareStatement(as, text, claims);
}

/**
 * Reads a statement that was accepted before and has been kept since: what the directory vouched for then, an update without
 * a new statement is held to. RFC7592-2.2.
 */
export const acceptedStatement = (as: Engine, text: string): SoftwareStatement =>
  readSoftwareStatement(as, text, decodeJwt(text));

async function verified(as: Engine, keys: DynamicRegistration['directory']['keys'], text: string): Promise<JwsClaims> {
  try {
    return await verifyJws(text, {
      algorithms: ['ES256', 'PS256'],
      types: [TYPE],
      key: async (header) => keyAmong(keys, header),
      maxLength: as.profile.clientJwtMaxLength,
    });
  } catch (error) {
    if (error instanceof JwsRefused) throw invalid(`software_statement_${error.fault}`);
    throw error;
  }
}

function checkTimes(as: Engine, claims: JwsClaims): void {
  const [iat, exp] = [dateClaim(claims, 'iat'), dateClaim(claims, 'exp')];
  if (iat === undefined || exp === undefined || isOddDate(claims, 'nbf')) throw missing('iat, exp or nbf');
  const now = epochSeconds(as.clock.now());
  if (exp <= now - MAX_CLOCK_SKEW_SECONDS) throw invalid('software_statement_expired');
  if (Math.max(iat, dateClaim(claims, 'nbf') ?? 0) > now + MAX_CLOCK_SKEW_SECONDS)
    throw invalid('software_statement_not_yet_valid');
  if (exp - iat > as.profile.softwareStatementMaxAge) throw invalid('software_statement_lives_too_long');
}

function readSoftwareStatement(as: Engine, text: string, claims: JwsClaims): SoftwareStatement {
  const profile = as.profiles.find((name) => name === claims['profile']);
  if (profile === undefined) throw refuse('unapproved_software_statement', 'software_statement_profile_unknown');
  const softwareId = textClaim(claims, 'software_id');
  const members = Object.entries(claims).filter(([name]) => CLIENT_METADATA_MEMBERS.includes(name));
  return {
    text,
    softwareId,
    profile,
    holder: readClaim('tls_client_auth_*', () => subjectOf(claims)),
    redirectUris: readClaim('software_redirect_uris', () => listMember(claims, 'software_redirect_uris')) ?? [],
    metadata: Object.fromEntries(members),
    used: {
      issuer: textClaim(claims, 'iss'),
      jti: textClaim(claims, 'jti'),
      until: new Date(((dateClaim(claims, 'exp') ?? 0) + MAX_CLOCK_SKEW_SECONDS) * 1000),
    },
  };
}

function textClaim(claims: JwsClaims, name: string): string {
  const value = claims[name];
  if (typeof value !== 'string' || value === '' || value.length > 256 || /\p{Cc}/u.test(value)) throw missing(name);
  return value;
}

// The readers of metadata speak of the client's mistakes; this one is the directory's.
function readClaim<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw missing(name);
  }
}

const missing = (claim: string) =>
  refuse('invalid_software_statement', 'software_statement_claims_missing', { evidence: { claim } });

const invalid = (reason: Parameters<typeof refuse>[1]) => refuse('invalid_software_statement', reason);
