import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import { PlatformTrouble } from '../../platform/trouble.ts';
import { OUTSIDE_TLS } from '../connection.ts';
import type { LoadedClient } from '../load-client.ts';
import { Refused } from '../refusal.ts';
import type { Party, RelyingParty } from '../relying-party.ts';
import type { PendingRequest } from './backchannel-request.ts';

/** Where the server tells us that a decision was made. CIBA-CORE-10.2. */
export interface NotificationListener {
  /** What a notification must bear. CIBA-CORE-7.1: at least 128 random bits. */
  readonly token: string;
  /** @throws Refused when none came before the request expired */
  waitFor(party: Party, pending: PendingRequest): Promise<void>;
  close(): Promise<void>;
}

const LARGEST_NOTIFICATION = 64 * 1024;

/** Listens before anything is asked, so that the notification cannot be the faster one. */
export async function openNotificationListener({ loaded }: RelyingParty): Promise<NotificationListener> {
  const { endpoint, host, certificate, key } = identityOf(loaded);
  const token = randomBytes(32).toString('base64url');
  const inbox = new Inbox();
  const server = createServer({ ...OUTSIDE_TLS, cert: certificate, key }, (request, response) => {
    void judgeNotification(request, endpoint.pathname, token, inbox).then((status) => response.writeHead(status).end());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new PlatformTrouble(
          `the notification endpoint ${endpoint.host} cannot be opened (${cause.code ?? cause.message})`,
          'Give ciba.notification.host and the port of the registered endpoint a free address.',
          { cause },
        ),
      ),
    );
    server.listen(Number(endpoint.port || 443), host, resolve);
  });
  return {
    token,
    waitFor: (party, pending) =>
      party.steps.step('notification', async (checked) => {
        await inbox.named(pending.authReqId, pending.expiresAt - party.now());
        checked('our token, our request');
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function identityOf({ notification }: LoadedClient): NonNullable<LoadedClient['notification']> {
  if (notification !== undefined) return notification;
  throw new PlatformTrouble('the client file names no notification endpoint', 'Add ciba.notification.');
}

/** The requests that notifications named. */
class Inbox {
  readonly #named = new Set<string>();
  #wake: () => void = () => undefined;

  add(authReqId: string): void {
    this.#named.add(authReqId);
    this.#wake();
  }

  async named(authReqId: string, within: number): Promise<void> {
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Refused('notification_missing')), within).unref();
    });
    while (!this.#named.has(authReqId)) {
      const next = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await Promise.race([next, late]);
    }
  }
}

/** CIBA-CORE-10.2: who does not bear our token is not the server. Its answer tells nothing more. */
async function judgeNotification(request: IncomingMessage, path: string, token: string, inbox: Inbox): Promise<number> {
  if (request.method !== 'POST' || new URL(request.url ?? '/', 'https://here').pathname !== path) return 404;
  if (!bears(request.headers.authorization, token)) return 401;
  const authReqId = await readRequestId(request);
  if (authReqId === undefined) return 400;
  inbox.add(authReqId);
  return 204;
}

function bears(header: string | undefined, token: string): boolean {
  const given = Buffer.from(/^bearer ([\w.~+/-]+=*)$/i.exec(header ?? '')?.[1] ?? '');
  const expected = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function readRequestId(request: IncomingMessage): Promise<string | undefined> {
  let text = '';
  try {
    for await (const chunk of request.setEncoding('utf8')) {
      text += String(chunk);
      if (text.length > LARGEST_NOTIFICATION) return undefined;
    }
    const { auth_req_id: id } = JSON.parse(text) as { auth_req_id?: unknown };
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined; // Torn, or no JSON: it names no request.
  }
}
