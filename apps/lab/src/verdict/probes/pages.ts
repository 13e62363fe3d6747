import type { Arrival } from '../../wire/browser.ts';
import { describeArrival, offers } from '../../wire/browser.ts';
import { CookieJar } from '../../wire/cookie-jar.ts';
import { readableText, readForms } from '../../wire/html-form.ts';
import { accountInformation } from '../../real/lab-client.ts';
import type { AtConsent } from '../flow.ts';
import { atConsent, pushed, tokens } from '../flow.ts';
import type { Probe, Seen } from '../probe.ts';
import { all, probe, seen } from '../probe.ts';
import type { VerdictWorld } from '../verdict-world.ts';

/** The pages a person sees at the authorization server, their forms and cookies. */
export const pageProbes: readonly Probe[] = [
  ofPages('AUTH-24', 'forms, and no script', (page) => {
    const { body } = page.exchange;
    const forms = page.kind === 'page' ? readForms(body, page.url).length : 0;
    const script = /<script|javascript:|\son[a-z]+=/i.test(body);
    return seen(forms > 0 && !script, script ? 'a script' : 'forms without script');
  }),
  probe('AUTH-25', 'all of the ids', async (world) => {
    const { login, consent } = await bothPages(world);
    const error = await world.client.browserOf(world.real.alice).open(world.real.discovery.authorization);
    const ids: readonly (readonly [Arrival, string])[] = [
      ...['login', 'password', 'submit-login'].map((id) => [login, id] as const),
      ...['consent-approve', 'consent-deny'].map((id) => [consent, id] as const),
      [error, 'error-code'],
    ];
    const missing = ids.filter(([{ exchange }, id]) => !exchange.body.includes(`id="${id}"`)).map(([, id]) => id);
    return seen(missing.length === 0, missing.length === 0 ? `${ids.length} ids` : `without ${missing.join(', ')}`);
  }),
  ofPages('AUTH-26', "default-src 'none' and no word about scripts", (page) => {
    const policy = policyOf(page);
    return seen(policy.includes("default-src 'none'") && !policy.includes('script-src'), policyWords(policy));
  }),
  probe('AUTH-27', 'the client’s origin in form-action', async (world) => {
    const { consent } = await bothPages(world);
    const [actions = 'no form-action'] = /form-action[^;]*/.exec(policyOf(consent)) ?? [];
    return seen(actions.split(' ').includes(new URL(world.client.redirectUri).origin), actions);
  }),
  ofPages('AUTH-28', "frame-ancestors 'none' and X-Frame-Options DENY", (page) => {
    const frame = page.exchange.headers.get('x-frame-options');
    const held = policyOf(page).includes("frame-ancestors 'none'") && frame?.toUpperCase() === 'DENY';
    return seen(held, held ? 'both' : 'not both');
  }),
  probe('AUTH-29', 'an error page for a form of another browser', async (world) => {
    const { client, requestUri } = await pushed(world);
    const [one, other] = [client.browserOf(world.real.alice), client.browserOf(world.real.mallory)];
    const page = await one.open(client.authorizeUrl(requestUri));
    await other.open(client.authorizeUrl(requestUri));
    const forged = await other.press(page, 'submit-login', world.typedByAlice);
    return refusedPage(forged);
  }),
  probe('AUTH-30', '__Host-, Secure, HttpOnly, SameSite=Lax', async (world) => {
    const { client, requestUri } = await pushed(world);
    const browser = client.browserOf(world.real.alice);
    const login = await browser.open(client.authorizeUrl(requestUri));
    const consent = await browser.press(login, 'submit-login', world.typedByAlice);
    const cookies = [login, consent].flatMap(({ hops }) => hops.flatMap(({ setCookies }) => setCookies));
    const fit = (cookie: string): boolean =>
      cookie.startsWith('__Host-') &&
      ['Secure', 'HttpOnly', 'SameSite=Lax'].every((word) => wordsOf(cookie).includes(word.toLowerCase()));
    return seen(
      cookies.length > 0 && cookies.every(fit),
      `${cookies.length} cookies, ${cookies.filter(fit).length} of them fit`,
    );
  }),
  probe('AUTH-31', 'another cookie after login, and the login page for the one of before', sessionFixation),
  probe('AUTH-32', 'one line less for each action that was not pushed', async (world) => {
    const [one, three] = [await askedOf(world, ['read_balances']), await askedOf(world, ALL_ACTIONS)];
    const held = one.length > 0 && three.length === one.length + 2 && one.every((line) => three.includes(line));
    return seen(held, `${one.length} lines for one action, ${three.length} for three`);
  }),
  probe(
    'AUTH-33',
    'an error page for the approval of another request, and for an account that was not shown',
    otherApproval,
  ),
  probe('AUTH-34', 'the question at a first visit, interaction_required or the like for prompt=none', async (world) => {
    const { consent } = await bothPages(world);
    const silent = await pushed(world, { prompt: 'none' });
    const end = await world.client.browserOf(world.real.alice).open(world.client.authorizeUrl(silent.requestUri));
    const error = end.kind === 'sent-away' ? end.to.searchParams.get('error') : null;
    return all(
      seen(offers(consent, 'consent-approve'), 'the question'),
      seen(/^(login|consent|interaction)_required$/.test(error ?? ''), error ?? 'no error'),
    );
  }),
];

const ALL_ACTIONS = ['list_accounts', 'read_balances', 'read_transactions'];

interface BothPages {
  readonly login: Arrival;
  readonly consent: Arrival;
}

/** The two pages that the questions about every page share. */
function bothPages(world: VerdictWorld): Promise<BothPages> {
  return world.once('pages', async () => {
    const { requestUri } = await pushed(world);
    const login = await world.client.browserOf(world.real.alice).open(world.client.authorizeUrl(requestUri));
    return { login, consent: (await atConsent(world)).page };
  });
}

function ofPages(line: string, expected: string, judge: (page: Arrival) => Seen): Probe {
  return probe(line, expected, async (world) => {
    const { login, consent } = await bothPages(world);
    return all(judge(login), judge(consent));
  });
}

const policyOf = ({ exchange }: Arrival): string => exchange.headers.get('content-security-policy') ?? '';

const policyWords = (policy: string): string => (policy === '' ? 'no policy' : policy.split(';').slice(0, 2).join(';'));

const wordsOf = (cookie: string): readonly string[] => cookie.split(';').map((word) => word.trim().toLowerCase());

function refusedPage(arrival: Arrival): Seen {
  const { status } = arrival.exchange;
  return seen(arrival.kind === 'page' && status >= 400 && status < 500, describeArrival(arrival));
}

async function sessionFixation(world: VerdictWorld): Promise<Seen> {
  const { client, real } = world;
  const { requestUri } = await pushed(world);
  const jar = new CookieJar();
  const { origin } = new URL(real.discovery.authorization);
  const browser = client.browserOf(real.alice, jar);
  const login = await browser.open(client.authorizeUrl(requestUri));
  const [known, before] = [jar.copy(), jar.header(origin)];
  const consent = await browser.press(login, 'submit-login', world.typedByAlice);
  const thief = await client.browserOf(real.mallory, known).open(client.authorizeUrl(requestUri));
  return all(
    seen(before !== undefined && jar.header(origin) !== before, 'another cookie'),
    seen(offers(consent, 'consent-approve'), 'logged in'),
    seen(
      !offers(thief, 'consent-approve'),
      `with the old one: ${offers(thief, 'submit-login') ? 'the login page' : describeArrival(thief)}`,
    ),
  );
}

/** What the consent page lists for a request of these actions. */
async function askedOf(world: VerdictWorld, actions: readonly string[]): Promise<readonly string[]> {
  const details = accountInformation(world.real.bankUrl, [...actions]);
  const { page } = await atConsent(world, { authorization_details: JSON.stringify(details) });
  const [, list = ''] = /<ul class="asked">([\s\S]*?)<\/ul>/.exec(page.exchange.body) ?? [];
  return [...list.matchAll(/<li>([\s\S]*?)<\/li>/g)].map(([, line = '']) => readableText(line));
}

async function otherApproval(world: VerdictWorld): Promise<Seen> {
  const [small, large] = [await atConsent(world, detailsOf(world, ['list_accounts'])), await atConsent(world)];
  // The person was shown little, and her approval is sent to the request that asks for more.
  const elsewhere = await approveIn(large, small.page, (body) => body.replaceAll(handleOf(small), handleOf(large)));
  const added = await approveIn(small, small.page, (body) =>
    body.replace(/(name="account" value=")[^"]*/, '$1acc_of_somebody_else'),
  );
  // Both requests are as they were: the person can still decide.
  const { accessToken } = await tokens(world);
  return all(refusedPage(elsewhere), refusedPage(added), seen(accessToken.reveal() !== '', 'an honest approval works'));
}

const detailsOf = (world: VerdictWorld, actions: readonly string[]) => ({
  authorization_details: JSON.stringify(accountInformation(world.real.bankUrl, [...actions])),
});

const handleOf = ({ page }: AtConsent): string =>
  page.kind === 'page' ? (new URL(page.url).pathname.split('/').at(-1) ?? '') : '';

function approveIn({ browser }: AtConsent, page: Arrival, change: (body: string) => string): Promise<Arrival> {
  const { exchange } = page;
  return browser.press({ ...page, exchange: { ...exchange, body: change(exchange.body) } }, 'consent-approve');
}
