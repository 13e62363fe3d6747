import { mtlsServerTls } from '@holdfast/mtls';
import type { ThrowAwayPki } from '@holdfast/mtls/testing';
import type { LiveToken } from './little-authorization-server.ts';
import type { Incoming, Listener, Outgoing } from './tls-listener.ts';
import { listen } from './tls-listener.ts';

const ACCOUNTS = [
  {
    id: 'acc-1',
    display_name: 'Everyday account',
    masked_number: '**** 4821',
    type: 'current',
    currency: 'GBP',
    opened_on: '2017-03-14',
  },
  {
    id: 'acc-2',
    display_name: 'Euro <b>account</b>',
    masked_number: '**** 7750',
    type: 'savings',
    currency: 'EUR',
    opened_on: '2022-05-11',
  },
];

/** A little bank over real mutual TLS: a token counts only on the connection of the certificate it was issued to. */
export class LittleBank {
  /** Answers instead of the honest answer when it returns one. */
  mischief: (request: Incoming) => Outgoing | undefined | 'hang up' | Promise<Outgoing | undefined> = () => undefined;
  readonly calls: Incoming[] = [];
  #listener: Listener | undefined;
  readonly #pki: ThrowAwayPki;
  readonly #tokens: () => ReadonlyMap<string, LiveToken>;

  constructor(pki: ThrowAwayPki, tokens: () => ReadonlyMap<string, LiveToken>) {
    this.#pki = pki;
    this.#tokens = tokens;
  }

  async open(port?: number): Promise<void> {
    const tls = mtlsServerTls(this.#pki.identity('bank/api'), this.#pki.participants.trust);
    this.#listener = await listen(tls, (request) => this.#handle(request), port);
  }

  async close(): Promise<void> {
    await this.#listener?.close();
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  get api(): string {
    return `https://api.bank.localhost:${this.port}`;
  }

  async #handle(request: Incoming): Promise<Outgoing | undefined> {
    this.calls.push(request);
    const odd = await this.mischief(request);
    if (odd === 'hang up') return undefined;
    if (odd !== undefined) return odd;
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const live = this.#tokens().get(token);
    // RFC8705-3
    if (live === undefined || live.thumbprint !== request.certificate)
      return {
        status: 401,
        headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
        body: { error: 'invalid_token' },
      };
    return answer(request);
  }
}

function answer({ path, query }: Incoming): Outgoing {
  const [, , id, what] = path.split('/');
  const account = ACCOUNTS.find((each) => each.id === id);
  if (path === '/accounts') return { status: 200, body: { accounts: ACCOUNTS } };
  if (account === undefined) return { status: 404, body: { error: 'not_found' } };
  if (what === 'balances') return { status: 200, body: { balances: balances(account.currency) } };
  if (what === 'transactions') return { status: 200, body: transactions(account.currency, query.get('cursor')) };
  return { status: 404 };
}

const balances = (currency: string) => [
  { type: 'available', amount: '1500.10', currency, as_of: '2026-11-20T08:00:00Z' },
  { type: 'booked', amount: '1234.56', currency, as_of: '2026-11-20T08:00:00Z' },
];

/** Two pages: salary and a purchase, then a bill. */
function transactions(currency: string, cursor: string | null): unknown {
  if (cursor === 'second')
    return {
      transactions: [
        transaction(
          't-3',
          '2026-11-01T09:00:00Z',
          '-94.80',
          currency,
          'Energy & Light Company',
          'utilities',
          '1246.86',
        ),
      ],
    };
  return {
    transactions: [
      transaction('t-1', '2026-11-19T10:15:00Z', '-12.30', currency, 'Corner Grocer', 'groceries', '1234.56'),
      transaction('t-2', '2026-11-19T08:00:00Z', '3125.00', currency, '<script>alert(1)</script>', 'salary', '1246.86'),
    ],
    next_cursor: 'second',
  };
}

function transaction(
  id: string,
  at: string,
  amount: string,
  currency: string,
  who: string,
  category: string,
  after: string,
) {
  const what = { counterparty: who, description: 'Something', category };
  return { id, booked_at: at, amount, currency, ...what, balance_after: after };
}
