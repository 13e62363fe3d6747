import { refuse } from '../../errors.ts';
import type { OAuthError } from '../../errors.ts';
import { isShowable } from '../../shown-text.ts';

/** Client metadata as it was sent: nothing in it is believed yet. RFC7591-2. */
export type ClientMetadata = Readonly<Record<string, unknown>>;

/**
 * A member that is text.
 * @throws OAuthError `invalid_client_metadata` when it is of another kind, empty, over-long, or not as it looks
 */
export function textMember(metadata: ClientMetadata, member: string, maxLength = 500): string | undefined {
  const value = metadata[member];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '' || value.length > maxLength || !isShowable(value))
    throw malformed(member);
  return value;
}

/** A member that is a list of texts, none of them twice. @throws OAuthError `invalid_client_metadata` */
export function listMember(metadata: ClientMetadata, member: string): readonly string[] | undefined {
  const value = metadata[member];
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((item): item is string => typeof item === 'string' && item !== ''))
    throw malformed(member);
  if (new Set(value).size !== value.length) throw malformed(member);
  return value;
}

/** A member that is true or false; absent means false. @throws OAuthError `invalid_client_metadata` */
export function flagMember(metadata: ClientMetadata, member: string): boolean {
  const value = metadata[member] ?? false;
  if (typeof value !== 'boolean') throw malformed(member);
  return value;
}

/** A member whose value is one of those the profile allows. @throws OAuthError `invalid_client_metadata` */
export function choiceMember<T extends string>(
  metadata: ClientMetadata,
  member: string,
  allowed: readonly T[],
): T | undefined {
  const value = textMember(metadata, member);
  if (value === undefined) return undefined;
  return allowed.find((choice) => choice === value) ?? deny(member);
}

/** A list whose elements the profile allows. @throws OAuthError `invalid_client_metadata` */
export function choicesMember<T extends string>(
  metadata: ClientMetadata,
  member: string,
  allowed: readonly T[],
): readonly T[] | undefined {
  return listMember(metadata, member)?.map((value) => allowed.find((choice) => choice === value) ?? deny(member));
}

/** Metadata that is not of the specified shape. */
export const malformed = (member: string, problem?: string): OAuthError =>
  refuse('invalid_client_metadata', 'client_metadata_malformed', { evidence: evidenceOf(member, problem) });

/** Metadata that is well-formed and not permitted under the client's profile. */
export const notAllowed = (member: string, problem?: string): OAuthError =>
  refuse('invalid_client_metadata', 'client_metadata_not_allowed', { evidence: evidenceOf(member, problem) });

function deny(member: string): never {
  throw notAllowed(member);
}

const evidenceOf = (member: string, problem?: string): Record<string, string> => ({
  member,
  ...(problem === undefined ? {} : { problem }),
});
