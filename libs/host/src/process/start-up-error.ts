/** Why a process did not start, in one line, and what to do about it. */
export class StartUpError extends Error {
  readonly remedy: string;

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartUpError';
    this.remedy = remedy;
  }
}

const OLDEST_NODE = 24;

/**
 * Older lines have faults in session resumption that matter here, and lack the embedded database.
 * @param version as in `process.versions.node`
 * @throws StartUpError
 */
export function checkNodeVersion(version: string): void {
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return;
  throw new StartUpError(
    `this needs Node ${OLDEST_NODE} or newer and runs on ${version}`,
    'Start it through npm (npm start), which brings its own Node, or install a newer one.',
  );
}

/** Whatever `start` threw, as one line and a remedy. Whoever knows a remedy brings it along: this file, mtls, rpc, the store. */
export function explainStart(error: unknown): { problem: string; remedy: string } {
  if (error instanceof Error && 'remedy' in error && typeof error.remedy === 'string')
    return { problem: oneLine(error.message), remedy: oneLine(error.remedy) };
  const { code, port, address, path, message } = asSystemError(error);
  if (code === 'EADDRINUSE')
    return {
      problem: `port ${port} on ${address} is taken by another process`,
      remedy: `Find it with "ss -ltnp sport = :${port}" (macOS: "lsof -nP -iTCP:${port} -sTCP:LISTEN") and stop it, or change the port in the configuration.`,
    };
  if (code === 'EACCES' && port !== undefined)
    return { problem: `port ${port} may not be opened by this user`, remedy: 'Use a port above 1023.' };
  if (code === 'ENOENT' && path?.includes('pki') === true)
    return { problem: `there is no ${path}`, remedy: MAKE_THE_PKI };
  return { problem: oneLine(message), remedy: 'Start again with --debug for the whole story.' };
}

/** How key and trust material comes into being. */
export const MAKE_THE_PKI =
  'Run `npm start`, which makes and renews the PKI, or `node --conditions=@holdfast/source tools/pki/main.ts ensure`.';

interface SystemError {
  readonly message: string;
  readonly code?: string;
  readonly port?: number;
  readonly address?: string;
  readonly path?: string;
}

function asSystemError(error: unknown): SystemError {
  return error instanceof Error ? error : { message: String(error) };
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
