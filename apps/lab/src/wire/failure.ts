import type { WireAnswer } from './wire-answer.ts';

/** The peer took the connection and ended it: a TLS alert, a reset, or silence where a response was due. */
const ENDED_BY_PEER = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/**
 * Sorts what a failed call means. Only an end made by the *peer* counts as its refusal; everything else (nobody listening,
 * a timeout, a server certificate this side does not trust) leaves the question open and makes the case inconclusive.
 */
export function failureOf(error: unknown): Extract<WireAnswer, { kind: 'cut-off' | 'unreachable' }> {
  const code = codeOf(error);
  // HPE: what came was not HTTP, such as the alert with which a TLS server answers plain text.
  const endedByPeer = ENDED_BY_PEER.has(code) || /^ERR_SSL_.*ALERT|^HPE_/.test(code);
  return { kind: endedByPeer ? 'cut-off' : 'unreachable', code };
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  const { code, message, cause } = error as { code?: unknown; message?: unknown; cause?: unknown };
  if (typeof code === 'string') return code;
  if (cause !== undefined) return codeOf(cause);
  return typeof message === 'string' ? message : 'unknown failure';
}
