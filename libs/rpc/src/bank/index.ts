import type { AccountDirectoryService } from '../gen/holdfast/bank/v1/account_directory.ts';
import type { RpcClient } from '../rpc-client.ts';
import type { Handlers } from '../service-definition.ts';

export {
  AccountDirectoryService as AccountDirectory,
  ConsentStatus,
} from '../gen/holdfast/bank/v1/account_directory.ts';
export type {
  AuthorizeConsentRequest,
  AuthorizeConsentResponse,
  Consent,
  ListShareableAccountsRequest,
  ListShareableAccountsResponse,
  RevokeConsentRequest,
  RevokeConsentResponse,
  ShareableAccount,
} from '../gen/holdfast/bank/v1/account_directory.ts';

/** What the bank implements. */
export type AccountDirectoryHandlers = Handlers<typeof AccountDirectoryService>;
/** What the authorization server calls. */
export type AccountDirectoryClient = RpcClient<typeof AccountDirectoryService>;
