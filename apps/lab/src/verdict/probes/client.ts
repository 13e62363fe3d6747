import type { Arrival, Browser } from '../../wire/browser.ts';
import { describeArrival, errorCodeOf, logInAndDecide, offers } from '../../wire/browser.ts';
import type { Probe, Seen } from '../probe.ts';
import { all, probe, seen } from '../probe.ts';
import type { VerdictWorld } from '../verdict-world.ts';

/** The fintech, as a person's browser sees it; what only its peers see is proven by tests that play them. */
export const clientProbes: readonly Probe[] = [
  probe('CLI-03', 'an address with a request_uri', async (world) => {
    const query = await authorizationQuery(world);
    return seen(query.has('request_uri'), [...query.keys()].join(', '));
  }),
  probe('CLI-05', 'client_id and request_uri', async (world) => {
    const names = [...(await authorizationQuery(world)).keys()].toSorted().join(' ');
    return seen(names === 'client_id request_uri', names);
  }),
  probe(
    'CLI-06',
    'different states, and an error page for an answer in a browser that began nothing',
    async (world) => {
      const [one, other] = [await trapOf(world), await trapOf(world)];
      const states = [one, other].map(({ searchParams }) => searchParams.get('state') ?? '');
      const long = states.every((state) => state.length >= 22) && states[0] !== states[1];
      return all(
        seen(long, long ? 'two different long states' : 'states that are short or the same'),
        isErrorPage(await world.real.browser('Alice').open(one.href)),
      );
    },
  ),
  altered('CLI-11', 'iss', (world) => [undefined, 'https://evil.invalid', `${world.real.discovery.issuer}/`]),
  altered('CLI-12', 'state', () => [undefined, 'a-state-nobody-sent']),
];

/** The query with which the fintech sends a browser to the authorization server. */
async function authorizationQuery(world: VerdictWorld): Promise<URLSearchParams> {
  const browser = world.real.browser('Alice').visiting(new URL(world.real.fintechUrl).origin);
  const start = await browser.open(`${world.real.fintechUrl}/`);
  const away = await browser.press(start, 'link-bank');
  if (away.kind !== 'sent-away') throw new Error(`the fintech sent nobody away: ${describeArrival(away)}`);
  return away.to.searchParams;
}

interface Begun {
  readonly browser: Browser;
  /** Where the answer would go. */
  readonly callback: URL;
}

/** Links an account up to the answer, which is stopped before the fintech sees it. */
async function begin(world: VerdictWorld): Promise<Begun> {
  const { real } = world;
  const browser = real.browser('Alice');
  const login = await browser.press(await browser.open(`${real.fintechUrl}/`), 'link-bank');
  const end = await logInAndDecide(browser.visiting(new URL(real.discovery.issuer).origin), login, real.alice);
  if (end.kind !== 'sent-away') throw new Error(`no answer came: ${describeArrival(end)}`);
  return { browser, callback: end.to };
}

const trapOf = async (world: VerdictWorld): Promise<URL> => (await begin(world)).callback;

/** An answer with this parameter changed is refused in the browser that began; the honest one is taken there. */
function altered(line: string, name: string, values: (world: VerdictWorld) => readonly (string | undefined)[]): Probe {
  return probe(line, 'an error page for each change, and a linked account without one', async (world) => {
    const sights: Seen[] = [];
    for (const value of values(world)) {
      const { browser, callback } = await begin(world);
      const url = new URL(callback);
      if (value === undefined) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
      sights.push(isErrorPage(await browser.open(url.href)));
    }
    return all(...sights, await honestLink(world));
  });
}

function isErrorPage(arrival: Arrival): Seen {
  const { status } = arrival.exchange;
  const held = arrival.kind === 'page' && status >= 400 && status < 500 && errorCodeOf(arrival) !== undefined;
  return seen(held, describeArrival(arrival));
}

/** Alice links her bank, and lets go again so that the next question finds a clean slate. */
function honestLink(world: VerdictWorld): Promise<Seen> {
  return world.once('honest link', async () => {
    const { browser, callback } = await begin(world);
    const end = await browser.open(callback.href);
    const linked = end.kind === 'page' && errorCodeOf(end) === undefined && !offers(end, 'link-bank');
    if (linked) await browser.press(await browser.open(`${world.real.fintechUrl}/connection`), 'unlink-confirm');
    return seen(linked, linked ? 'linked' : describeArrival(end));
  });
}
