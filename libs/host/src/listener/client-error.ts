import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

const BODY = JSON.stringify({ error: 'invalid_request', error_description: 'the request could not be read' });

/** Answers bytes that never became a request: too slow, too large, or not HTTP. Then the connection ends. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = STATUS_BY_CODE[error.code ?? ''] ?? 400;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json',
    'cache-control: no-store',
    `content-length: ${Buffer.byteLength(BODY)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${BODY}`);
  socket.destroySoon();
}
