import { status } from '@grpc/grpc-js';

/** Every way in which a call can fail; nothing else crosses the wire but one of these. */
export type RpcCode =
  | 'cancelled'
  | 'unknown'
  | 'invalid_argument'
  | 'deadline_exceeded'
  | 'not_found'
  | 'already_exists'
  | 'permission_denied'
  | 'resource_exhausted'
  | 'failed_precondition'
  | 'aborted'
  | 'out_of_range'
  | 'unimplemented'
  | 'internal'
  | 'unavailable'
  | 'data_loss'
  | 'unauthenticated';

/** One row for each code: its number on the wire, and the only words that go with it. */
const CODES: Readonly<Record<RpcCode, readonly [number: status, words: string]>> = {
  cancelled: [status.CANCELLED, 'cancelled'],
  unknown: [status.UNKNOWN, 'unknown error'],
  invalid_argument: [status.INVALID_ARGUMENT, 'invalid argument'],
  deadline_exceeded: [status.DEADLINE_EXCEEDED, 'deadline exceeded'],
  not_found: [status.NOT_FOUND, 'not found'],
  already_exists: [status.ALREADY_EXISTS, 'already exists'],
  permission_denied: [status.PERMISSION_DENIED, 'permission denied'],
  resource_exhausted: [status.RESOURCE_EXHAUSTED, 'resource exhausted'],
  failed_precondition: [status.FAILED_PRECONDITION, 'failed precondition'],
  aborted: [status.ABORTED, 'aborted'],
  out_of_range: [status.OUT_OF_RANGE, 'out of range'],
  unimplemented: [status.UNIMPLEMENTED, 'unimplemented'],
  internal: [status.INTERNAL, 'internal error'],
  unavailable: [status.UNAVAILABLE, 'unavailable'],
  data_loss: [status.DATA_LOSS, 'data loss'],
  unauthenticated: [status.UNAUTHENTICATED, 'unauthenticated'],
};

/**
 * A call that failed. Thrown by a handler, `code` reaches the caller and `message` stays in this process; received by
 * a caller, `message` says what happened for the log and is not meant for a page.
 */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: RpcCode;

  constructor(code: RpcCode, message: string = CODES[code][1], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A status as it is sent: a number and the fixed words for it. */
export interface WireStatus {
  readonly code: status;
  readonly details: string;
}

export function wireStatus(code: RpcCode): WireStatus {
  const [number, words] = CODES[code];
  return { code: number, details: words };
}

/**
 * The code for anything a handler threw. An error that nobody meant for the caller is `internal`: its text may hold a
 * query, a path or a customer's data.
 */
export function codeOf(thrown: unknown): RpcCode {
  return thrown instanceof RpcError ? thrown.code : 'internal';
}

/** A failure as the transport reports it, as an `RpcError`. */
export function receivedError(method: string, failure: { readonly code: status; readonly details: string }): RpcError {
  const code = (Object.keys(CODES) as RpcCode[]).find((name) => CODES[name][0] === failure.code) ?? 'unknown';
  return new RpcError(code, `${method}: ${failure.details}`, { cause: failure });
}
