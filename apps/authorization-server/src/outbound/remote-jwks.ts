import type { Clock } from '@holdfast/fapi';
import { OAuthError, refuse } from '@holdfast/fapi';
import { checkClientJwks } from '@holdfast/fapi/as';
import type { RemoteJwks } from '@holdfast/fapi/as';
import type { OutboundCall } from './outbound-call.ts';
import type { OutboundProblem } from './outbound-refused.ts';
import { OutboundRefused } from './outbound-refused.ts';

type Keys = Awaited<ReturnType<RemoteJwks['fetch']>>;

/** Milliseconds. Our choice, no clause. */
const LIFE = {
  /** Keys are used without asking again; as long as a key the client has withdrawn may go on. */
  fresh: 300_000,
  /** So long they serve a client whose server is away; after that nobody vouches for them. */
  stale: 900_000,
  /** Nobody is asked more often, whether the last answer was good or not: else everybody's requests would become ours. */
  pause: 10_000,
} as const;

interface Published {
  /** What was fetched last, and when; the same objects as before when nothing has changed, so that imports of them stay good. */
  readonly fetched?: { readonly keys: Keys; readonly text: string; readonly at: number };
  readonly triedAt: number;
  readonly problem?: OutboundProblem;
}

/** Keys that clients publish, fetched by the rules of {@link OutboundCall} and remembered for a while. RFC7591-2. */
export class PublishedKeys implements RemoteJwks {
  readonly #call: OutboundCall;
  readonly #clock: Clock;
  readonly #known = new Map<string, Published>();
  readonly #underWay = new Map<string, Promise<Published>>();

  constructor(call: OutboundCall, clock: Clock) {
    this.#call = call;
    this.#clock = clock;
  }

  async fetch(uri: string, fresh: boolean): Promise<Keys> {
    const known = this.#known.get(uri);
    const published = this.#underWay.get(uri) ?? (this.#isDue(known, fresh) ? this.#ask(uri, known) : known);
    const { fetched, problem } = (await published) ?? {};
    if (fetched !== undefined && this.#since(fetched.at) < LIFE.stale) return fetched.keys;
    throw refuse('temporarily_unavailable', 'client_keys_unavailable', {
      evidence: { host: hostOf(uri), problem: problem ?? 'not_connected' },
    });
  }

  #isDue(known: Published | undefined, fresh: boolean): boolean {
    if (known === undefined) return true;
    if (this.#since(known.triedAt) < LIFE.pause) return false;
    return fresh || known.fetched === undefined || this.#since(known.fetched.at) >= LIFE.fresh;
  }

  /** One call per address, however many wait for it. */
  #ask(uri: string, known: Published | undefined): Promise<Published> {
    const asking = this.#answer(uri, known).finally(() => this.#underWay.delete(uri));
    this.#underWay.set(uri, asking);
    return asking;
  }

  async #answer(uri: string, known: Published | undefined): Promise<Published> {
    const published = { ...(await this.#fetched(uri, known)), triedAt: this.#clock.now().getTime() };
    this.#known.set(uri, published);
    this.#forgetOld();
    return published;
  }

  async #fetched(uri: string, known: Published | undefined): Promise<Omit<Published, 'triedAt'>> {
    try {
      const text = await jwkSetAt(uri, this.#call);
      const keys = known?.fetched?.text === text ? known.fetched.keys : keysIn(text);
      return { fetched: { keys, text, at: this.#clock.now().getTime() } };
    } catch (error) {
      if (!(error instanceof OutboundRefused)) throw error;
      return { ...(known?.fetched === undefined ? {} : { fetched: known.fetched }), problem: error.problem };
    }
  }

  /** Addresses of clients that are no more. */
  #forgetOld(): void {
    for (const [uri, { triedAt }] of this.#known) if (this.#since(triedAt) > LIFE.stale) this.#known.delete(uri);
  }

  #since(at: number): number {
    return this.#clock.now().getTime() - at;
  }
}

async function jwkSetAt(uri: string, call: OutboundCall): Promise<string> {
  const headers = { accept: 'application/jwk-set+json, application/json' };
  const { status, contentType, text } = await call(uri, { method: 'GET', headers });
  if (status >= 300 && status < 400) throw new OutboundRefused('redirected');
  if (status !== 200) throw new OutboundRefused('status_not_success', String(status));
  if (!/^application\/(jwk-set\+)?json *(;|$)/i.test(contentType))
    throw new OutboundRefused('not_json', 'content-type');
  return text;
}

function keysIn(text: string): Keys {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new OutboundRefused('not_json', undefined, { cause });
  }
  try {
    return checkClientJwks(value);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    throw new OutboundRefused('keys_unfit', error.evidence['problem'], { cause: error });
  }
}

const hostOf = (uri: string): string => (URL.canParse(uri) ? new URL(uri).host : '').slice(0, 200);
