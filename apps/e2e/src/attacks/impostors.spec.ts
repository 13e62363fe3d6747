import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { createRoot } from '@holdfast/mtls/authority';
import type { Platform } from '@holdfast/tools/platform';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runPlatform } from '../platform/run-platform.ts';
import { Developer } from '../wire/developer.ts';
import { HomeAuthority, inForce } from '../wire/home-authority.ts';
import { said } from '../wire/http.ts';
import type { PemIdentity } from '../wire/http.ts';
import { Impostor } from '../wire/impostor.ts';
import { Participants } from '../wire/participants.ts';
import { Person } from '../wire/person.ts';
import type { Page } from '../wire/person.ts';
import { Relay } from '../wire/relay.ts';
import type { TrailEvent } from '../wire/trail.ts';
import { statusWithin } from '../wire/within.ts';

// P17, G09, G12 and G15 of docs/attacks.md: a server is gone, and somebody else is where it was, or nobody.
let platform: Platform;
let relay: Relay;
let developer: Developer;
/** Alice, who has linked her bank with Tidepool. */
let alice: Person;

beforeAll(async () => {
  platform = await runPlatform(['certificate-authority', 'authorization-server', 'bank', 'fintech']);
  developer = new Developer(platform);
  alice = new Person(developer.browser);
  relay = await Relay.to(portOf(platform.urls.bankRpc));
  leadThrough(relay);
  await link(alice);
});
afterAll(async () => {
  await developer.close();
  await platform.stop();
  await relay.close();
});

/** From its next start on, the authorization server finds the bank behind the relay. */
function leadThrough({ port }: Relay): void {
  const file = join(platform.home, 'config/authorization-server.json');
  const configuration = readFileSync(file, 'utf8');
  writeFileSync(file, configuration.replace(platform.urls.bankRpc, `${nameOf(platform.urls.bankRpc)}:${port}`));
}

const HOUR = 3_600_000;
const portOf = (place: string): number => Number(/:(\d+)$/.exec(place)?.[1]);
const nameOf = (place: string): string => /([\w.]+):\d+$/.exec(place)?.[1] ?? '';

async function link(person: Person): Promise<void> {
  const welcome = await person.open(platform.urls.fintech);
  const away = await person.submit(welcome, 'link-bank');
  const page = await person.open(away.headers['location'] ?? '');
  const consent = page.text.includes('id="submit-login"') ? await person.logIn(page, 'alice') : page;
  const back = await person.submit(consent, 'consent-approve');
  await person.open(back.headers['location'] ?? '');
}

/** What a process has written down of this kind, oldest first. */
function events(app: string, action: string): readonly TrailEvent[] {
  const lines = readFileSync(join(platform.home, 'audit', `${app}.jsonl`), 'utf8').split('\n');
  const whole = lines.filter((line) => line.endsWith('}'));
  return whole.map((line) => JSON.parse(line) as TrailEvent).filter((event) => event.action === action);
}

const reasonsSince = (before: number, ...of: Parameters<typeof events>) => [
  ...new Set(
    events(...of)
      .slice(before)
      .map(({ reason }) => reason),
  ),
];

const logOf = (app: string): string => readFileSync(join(platform.home, 'logs', `${app}.log`), 'utf8');

/** Waits until a process says of itself that it is ready: it has found the others again. */
const ready = (url: string): Promise<void> =>
  vi.waitFor(
    async () => {
      if ((await developer.http.ask(`${url}/readyz`)).status !== 200) throw new Error(`${url} is not ready`);
    },
    { timeout: 10_000, interval: 100 },
  );

type Fault = readonly [title: string, seen: string, make: (name: string) => PemIdentity];

/** Certificates for a web server, each wrong in one respect, and how that reads to whoever looks into the log. */
const webFaults: readonly Fault[] = [
  [
    'an authority made at home',
    'unable to verify the first certificate',
    (name) => web({ dnsNames: [name], issuer: homeMade() }),
  ],
  [
    'the participants’ authority',
    'unsuitable certificate purpose',
    (name) => participants().issue({ ...server, dnsNames: [name] }),
  ],
  [
    'the services’ authority',
    'unable to get local issuer certificate',
    (name) => services().issue({ ...server, dnsNames: [name] }),
  ],
  [
    'a participant who plays server',
    'unsuitable certificate purpose',
    (name) => participants().issue({ subject: `CN=${name}`, dnsNames: [name] }),
  ],
  ['another name', 'does not match certificate', () => web({ dnsNames: ['elsewhere.localhost'] })],
  ['the name as common name only', 'no alternative name', (name) => web({ subject: `CN=${name}` })],
  ['the address in place of the name', 'does not match certificate', () => web({ ips: ['127.0.0.1'] })],
  [
    'a time that is over',
    'certificate has expired',
    (name) => web({ dnsNames: [name], notBefore: new Date(0), notAfter: ago(HOUR) }),
  ],
  [
    'a purpose that is another',
    'unsuitable certificate purpose',
    (name) => web({ dnsNames: [name], purpose: 'client' }),
  ],
];

type ServiceFault = readonly [
  title: string,
  reason: string | undefined,
  make: (service: string, name: string) => PemIdentity,
];
const uri = (service: string): string => `spiffe://holdfast.test/${service}`;

/** The same for a service. Without a reason it fell in the handshake, before there was anything to judge. */
const serviceFaults: readonly ServiceFault[] = [
  ['an authority made at home', undefined, (s, name) => service(s, { dnsNames: [name], issuer: homeMade() })],
  [
    'the participants’ authority',
    undefined,
    (s, name) => participants().issue({ ...server, uris: [uri(s)], dnsNames: [name] }),
  ],
  [
    'a time that is over',
    undefined,
    (s, name) => service(s, { dnsNames: [name], notBefore: new Date(0), notAfter: ago(HOUR) }),
  ],
  ['a certificate for clients only', undefined, (s, name) => service(s, { dnsNames: [name], purpose: 'client' })],
  [
    'a certificate for no purpose',
    'certificate_wrong_purpose',
    (s, name) => service(s, { dnsNames: [name], purpose: 'none' }),
  ],
  ['another service, at this name', 'identity_mismatch', (_, name) => service('lab', { dnsNames: [name] })],
  ['this service, at another name', 'name_mismatch', (s) => service(s, { dnsNames: ['rpc.elsewhere.localhost'] })],
  ['this service, the name as common name only', 'name_mismatch', (s, name) => service(s, { subject: `CN=${name}` })],
  ['this service, at the address in place of the name', 'name_mismatch', (s) => service(s, { ips: ['127.0.0.1'] })],
  [
    'the name, and no service',
    'identity_missing',
    (_, name) => services().issue({ ...server, purpose: 'both', dnsNames: [name] }),
  ],
];

const server = { subject: 'CN=impostor', purpose: 'server' } as const;
const ago = (time: number): Date => new Date(Date.now() - time);
const participants = () => new Participants(platform.home);
const services = () => new HomeAuthority(platform.home, 'services');
const web = (order: Partial<Parameters<HomeAuthority['issue']>[0]>): PemIdentity =>
  new HomeAuthority(platform.home, 'web').issue({ ...server, ...order });
const service = (name: string, order: Partial<Parameters<HomeAuthority['issue']>[0]>): PemIdentity =>
  services().issue({ subject: 'CN=impostor', purpose: 'both', uris: [uri(name)], ...order });
const homeMade = () => createRoot({ subject: 'CN=kitchen', ...inForce(), random: randomBytes });
const stranger = (): PemIdentity => web({ dnsNames: ['elsewhere.localhost'] });

describe('in the place of the authorization server', () => {
  let token: string;
  let connection: Page;
  let bank: Promise<void>;
  beforeAll(async () => {
    token = (await developer.tokens()).access_token;
    expect((await developer.accounts(token)).status).toBe(200);
    connection = await alice.open(`${platform.urls.fintech}/connection`);
    await platform.kill('authorization-server');
  });
  afterAll(async () => {
    await Promise.all([platform.start('authorization-server'), bank]);
  });

  it('G15, nobody: the bank says within its bound that it does not know, and nothing else [FAPI2-SP-FINAL-5.3.4-3]', async () => {
    // Two seconds of silence, and half a second for the question.
    await statusWithin(2_000 + 500, async () => (await developer.accounts(token)).status, 503);
    expect(said(await developer.accounts(token))['error']).toBe('temporarily_unavailable');
    const refused = { outcome: 'refused', reason: 'token_status_unknown' };
    expect(events('bank', 'bank.accounts.list').at(-1)).toMatchObject(refused);
  });

  // At its three addresses at once; what comes to each of them is another story.
  describe.concurrent('somebody', () => {
    let browser: Impostor;
    let mtls: Impostor;
    let rpc: Impostor;
    beforeAll(async () => {
      browser = await Impostor.at(platform.urls.issuer, stranger());
      mtls = await Impostor.at(platform.urls.mtlsIssuer, stranger());
      rpc = await Impostor.at(platform.urls.authorizationServerRpc, stranger());
      // A bank that begins anew asks for keys again and again, until the true authorization server is back.
      await platform.kill('bank');
      bank = platform.start('bank');
      await browser.visited();
    });
    afterAll(() => Promise.all([browser, mtls, rpc].map((each) => each.close())));

    it('P17, gets no refresh token from Tidepool [FAPI2-SP-FINAL-5.2.1-5]', async () => {
      for (const [title, , make] of webFaults) {
        mtls.show(make(nameOf(platform.urls.mtlsIssuer)));
        await mtls.visited(async () => {
          const answer = await alice.submit(connection, 'unlink-confirm');
          expect(answer.headers['location'], title).not.toBe('/?notice=unlinked');
        });
        const refused = { outcome: 'refused', reason: 'revoke_server_certificate_refused' };
        expect(events('fintech', 'link.unlink').at(-1), title).toMatchObject(refused);
        expect(mtls.heard, title).toEqual([]);
      }
    });

    it('P17, gives the bank no keys [FAPI2-SP-FINAL-5.2.1-5]', async () => {
      for (const [title, , make] of webFaults) {
        browser.show(make(nameOf(platform.urls.issuer)));
        await browser.visited();
        expect(browser.heard, title).toEqual([]);
        expect((await developer.http.ask(`${platform.urls.bank}/readyz`)).status, title).toBe(503);
      }
    });

    it('G09, gets no question from the bank', async () => {
      for (const [title, reason, make] of serviceFaults) {
        const before = events('bank', 'bank.rpc.server').length;
        rpc.show(make('authorization-server', nameOf(platform.urls.authorizationServerRpc)));
        await rpc.visited();
        expect(rpc.heard, title).toEqual([]);
        expect(reasonsSince(before, 'bank', 'bank.rpc.server'), title).toEqual(reason === undefined ? [] : [reason]);
      }
    });
  });
});

describe('G12, the answer to an approval that is lost', () => {
  it('leads to one consent, when the person presses again', async () => {
    const attempt = await developer.push();
    const { person, page } = await developer.atConsent(attempt);
    const before = events('bank', 'bank.consent.authorize').length;
    relay.holdUp(500);
    const first = person.submit(page, 'consent-approve');
    const recordedSoFar = () => events('bank', 'bank.consent.authorize').length;
    await expect.poll(recordedSoFar, { timeout: 10_000, interval: 20 }).toBe(before + 1);
    relay.cut();
    expect((await first).status).toBe(503);

    const code = await vi.waitFor(() => developer.approve(person, page), { timeout: 10_000, interval: 250 });
    const recorded = events('bank', 'bank.consent.authorize').slice(before);
    expect(recorded.length).toBeGreaterThan(1);
    for (const { outcome } of recorded) expect(outcome).toBe('allowed');
    expect(new Set(recorded.map(({ evidence }) => evidence?.['consent'])).size).toBe(1);
    const redeemed = await developer.redeem({ ...attempt, code });
    expect((await developer.accounts(String(said(redeemed)['access_token']))).status).toBe(200);
  });
});

describe('in the place of the bank', () => {
  let api: Impostor;
  let rpc: Impostor;
  let consent: { person: Person; page: Page };
  beforeAll(async () => {
    consent = await developer.atConsent(await developer.push());
    await platform.kill('bank');
    api = await Impostor.at(platform.urls.bank, stranger());
    rpc = await Impostor.at(platform.urls.bankRpc, stranger());
  });
  afterAll(async () => {
    await Promise.all([api.close(), rpc.close()]);
    await platform.start('bank');
  });

  describe.concurrent('somebody', () => {
    it('P17, gets no token from Tidepool [FAPI2-SP-FINAL-5.2.1-5]', async () => {
      for (const [title, seen, make] of webFaults) {
        api.show(make(nameOf(platform.urls.bank)));
        const before = logOf('fintech').length;
        await api.visited(async () => {
          const page = await alice.open(`${platform.urls.fintech}/accounts`);
          expect([page.status, page.text], title).toEqual([503, expect.not.stringContaining('Everyday account')]);
        });
        expect(api.heard, title).toEqual([]);
        // Reading a page is no decision of Tidepool's, so it stands in the log and not in the trail.
        expect(logOf('fintech').slice(before), title).toContain(seen);
      }
    });

    it('G09, gets no question from the authorization server', async () => {
      const { person, page } = consent;
      for (const [title, reason, make] of serviceFaults) {
        const before = events('authorization-server', 'rpc.server').length;
        rpc.show(make('bank', nameOf(platform.urls.bankRpc)));
        await rpc.visited(async () => {
          const { status, text } = await person.visit(page.url);
          expect([status, text], title).toEqual([503, expect.not.stringContaining('id="consent-approve"')]);
        });
        expect(rpc.heard, title).toEqual([]);
        const reasons = reasonsSince(before, 'authorization-server', 'rpc.server');
        expect(reasons, title).toEqual(reason === undefined ? [] : [reason]);
      }
    });
  });
});

describe('once everybody is back where they belong', () => {
  it('the bank serves, Tidepool reads, and a link ends', async () => {
    await Promise.all([ready(platform.urls.issuer), ready(platform.urls.bank)]);
    const { access_token: token } = await developer.tokens();
    expect((await developer.accounts(token)).status).toBe(200);
    const page = await alice.open(`${platform.urls.fintech}/accounts`);
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('Everyday account')]);
    const connection = await alice.open(`${platform.urls.fintech}/connection`);
    expect((await alice.submit(connection, 'unlink-confirm')).headers['location']).toBe('/?notice=unlinked');
  });
});
