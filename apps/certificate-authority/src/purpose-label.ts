import { OAuthError } from '@holdfast/fapi';
import { authorityNames } from '@holdfast/pki';
import type { AuthorityName } from '@holdfast/pki';

/**
 * The purpose a path names: `web`, `participants` or `services`.
 * @throws OAuthError 404 for any other label. RFC7030-3.2.2.
 */
export function purposeOfLabel(label: string): AuthorityName {
  const purpose = authorityNames.find((name) => name === label);
  if (purpose === undefined) throw new OAuthError('not_found', 'object_not_found');
  return purpose;
}
