/**
 * What came back over the wire, without bodies: nothing in here is secret, so it can be shown and written down.
 * `cut-off` and `unreachable` are kept apart on purpose: a peer that ends the connection after it answered the phone has
 * refused; a peer that never answered proves nothing.
 */
export type WireAnswer =
  | {
      readonly kind: 'http';
      readonly status: number;
      /** `error` of the JSON body, or of the challenge, or of the error page. */
      readonly error?: string;
      readonly description?: string;
      /** `WWW-Authenticate` as received. */
      readonly challenge?: string;
      /** Names of JSON members beside the error; an error answer has none, so anything here has leaked. */
      readonly besides: readonly string[];
    }
  /** TLS was begun and ended by the peer without an HTTP response; `code` is what this side's TLS library called it. */
  | { readonly kind: 'cut-off'; readonly code: string }
  | { readonly kind: 'grpc'; readonly code: number; readonly message: string }
  /** Nobody there, a timeout, a name that does not resolve, a server this side did not trust. */
  | { readonly kind: 'unreachable'; readonly code: string }
  /** Not one answer but what a person saw at the end of several pages. */
  | { readonly kind: 'seen'; readonly refused: boolean; readonly what: string };

const GRPC_NAMES: Readonly<Record<number, string>> = {
  0: 'OK',
  4: 'DEADLINE_EXCEEDED',
  5: 'NOT_FOUND',
  7: 'PERMISSION_DENIED',
  12: 'UNIMPLEMENTED',
  14: 'UNAVAILABLE',
  16: 'UNAUTHENTICATED',
};

/** One line for a person: `401 invalid_token`, `gRPC 7 PERMISSION_DENIED`, `connection ended in TLS (ECONNRESET)`. */
export function describeAnswer(answer: WireAnswer): string {
  switch (answer.kind) {
    case 'http':
      return [answer.status, answer.error].filter((part) => part !== undefined).join(' ');
    case 'cut-off':
      return `connection ended, no HTTP response (${answer.code})`;
    case 'grpc':
      return `gRPC ${answer.code} ${GRPC_NAMES[answer.code] ?? ''}`.trim();
    case 'unreachable':
      return `not reachable (${answer.code})`;
    case 'seen':
      return answer.what;
  }
}

/** The answer a thief hopes for: an HTTP success or a gRPC OK. Redirects are judged by whoever follows them. */
export function isSuccess(answer: WireAnswer): boolean {
  if (answer.kind === 'http') return answer.status >= 200 && answer.status < 300;
  if (answer.kind === 'grpc') return answer.code === 0;
  return answer.kind === 'seen' && !answer.refused;
}
