import { PERSON } from '../registration.ts';
import type { Outgoing } from '../tls-listener.ts';
import type { Fault } from './fault.ts';

const before = 'token' as const;
const shown = { pages: 'shown', login: PERSON } as const;

const sentTo = (location: string, status = 303): Outgoing => ({ status, headers: { location } });

/** The person's way; the libraries leave it to whoever uses them. */
export const browserFaults: readonly Fault[] = [
  {
    title: 'to go to a page without TLS',
    bend: { page: () => sentTo('http://auth.localhost/login') },
    reason: 'page_not_https',
    before,
  },
  {
    title: 'to be sent around without end',
    bend: { page: () => sentTo('/authorize') },
    reason: 'redirect_loop',
    before,
  },
  {
    title: 'to send a password on, where 307 would',
    variant: shown,
    bend: ({ otherBank }) => ({
      page: (honest, path) => (path === 'POST /login' ? sentTo(otherBank, 307) : honest),
    }),
    reason: 'form_resent',
    before: 'other bank',
  },
  {
    title: 'to send a consent on, where 308 would',
    variant: shown,
    bend: ({ otherBank }) => ({
      page: (honest, path) => (path === 'POST /consent' ? sentTo(otherBank, 308) : honest),
    }),
    reason: 'form_resent',
    before: 'other bank',
  },
];
