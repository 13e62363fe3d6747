import type { Authority } from './issue.ts';

export interface CrlRequest {
  readonly issuer: Authority;
  readonly revoked: readonly { readonly serialNumber: string; readonly at: Date }[];
  readonly number: number;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
}

export function issueCrl(_request: CrlRequest): string {
  throw new Error('not built yet');
}
