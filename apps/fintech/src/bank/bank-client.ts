import type { HttpClient } from '@holdfast/host';
import type { z } from 'zod';

/** One page load's way to the bank. */
export interface BankCall {
  readonly accessToken: string;
  /** FAPI-HEADERS: `x-fapi-interaction-id`, one per page load, kept across its calls. */
  readonly interaction: string;
  /** When the person last proved who they are to the bank: `x-fapi-auth-date`. */
  readonly authenticatedAt: Date;
  /** Ends every call of the page. */
  readonly signal: AbortSignal;
}

/** Nobody answered, or not in time, or with a server error. */
export class BankAway extends Error {
  constructor(what: string, cause?: unknown) {
    super(`the bank is away: ${what}`, { cause });
    this.name = 'BankAway';
  }
}

/** What came back is not what was agreed. */
export class BankAnswerUnusable extends Error {
  constructor(what: string, cause?: unknown) {
    super(`the bank's answer cannot be used: ${what}`, { cause });
    this.name = 'BankAnswerUnusable';
  }
}

/** The bank answered and said no. */
export class BankRefused extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the bank refused with ${status}`);
    this.name = 'BankRefused';
    this.status = status;
  }
}

/** Reads from the bank's API over mutual TLS. */
export class BankClient {
  readonly #api: string;
  readonly #http: HttpClient;

  /**
   * @param api the bank's origin, from the configuration: a token goes to this host and to no other
   * @param http carries Tidepool's certificate; bounds time and size, follows no redirect
   */
  constructor(api: string, http: HttpClient) {
    this.#api = api;
    this.#http = http;
  }

  /**
   * @param path of one resource; ids are escaped here
   * @param shape what the answer must look like
   * @throws BankAway, BankRefused, BankAnswerUnusable
   */
  async read<T>(
    call: BankCall,
    path: readonly string[],
    query: Readonly<Record<string, string>>,
    shape: z.ZodType<T>,
  ): Promise<T> {
    const url = new URL(`${this.#api}/${path.map(encodeURIComponent).join('/')}`);
    url.search = new URLSearchParams(query).toString();
    const { status, text } = await this.#fetch(call, url);
    if (status >= 500) throw new BankAway(`status ${status}`);
    if (status !== 200) throw new BankRefused(status);
    return parse(text, shape);
  }

  async #fetch(call: BankCall, url: URL): Promise<{ status: number; text: string }> {
    try {
      const response = await this.#http.fetch(url, { headers: headersOf(call), signal: call.signal });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      throw new BankAway('no answer', error);
    }
  }
}

function headersOf(call: BankCall): Record<string, string> {
  return {
    accept: 'application/json',
    // RFC6750-2.1: in the header, never in an address that is written to logs.
    // FAPI2-SP-FINAL-5.3.3.1-3 [CLI-09]: here, and nowhere else.
    authorization: `Bearer ${call.accessToken}`,
    'x-fapi-interaction-id': call.interaction,
    // RFC9110-5.6.7
    'x-fapi-auth-date': call.authenticatedAt.toUTCString(),
  };
}

function parse<T>(text: string, shape: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new BankAnswerUnusable('not JSON', error);
  }
  const parsed = shape.safeParse(json);
  if (parsed.success) return parsed.data;
  // Where it differs, not what stood there: the values are somebody's account.
  const where = parsed.error.issues.slice(0, 3).map((issue) => issue.path.join('.'));
  throw new BankAnswerUnusable(`unexpected shape at ${where.join(', ')}`);
}
