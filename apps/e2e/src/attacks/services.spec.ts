import { createHash, randomUUID, X509Certificate } from 'node:crypto';
import { existsSync, globSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createRoot } from '@holdfast/mtls/authority';
import { describe, expect, inject, it } from 'vitest';
import { listenersOf } from '../platform/listeners.ts';
import { processesOf } from '../platform/processes.ts';
import { HomeAuthority, inForce } from '../wire/home-authority.ts';
import type { Holder, PemIdentity } from '../wire/http.ts';
import { protobuf, RPC, rpcCall } from '../wire/rpc-call.ts';
import type { RpcAnswer } from '../wire/rpc-call.ts';
import { Trail } from '../wire/trail.ts';

// Group G of docs/attacks.md, but for what the lab plays and what needs a process to fall: who calls whom inside.
const { home, urls } = inject('world');
const trail = new Trail(home);
const services = new HomeAuthority(home, 'services');
const doors = listenersOf(urls).filter(({ root }) => root === 'services');
const targetOf = ({ host, port }: { host: string; port: string }): string => `${host}:${port}`;

const DIRECTORY = 'holdfast.bank.v1.AccountDirectory';
const uri = (service: string): string => `spiffe://holdfast.test/${service}`;
const bank = (method: string, holder: Holder | PemIdentity, message?: Buffer): Promise<RpcAnswer> =>
  rpcCall(home, { target: urls.bankRpc, method: `${DIRECTORY}/${method}`, holder, ...(message && { message }) });
const list = (holder: Holder | PemIdentity, customer = 'cus-alice-7302') =>
  bank('ListShareableAccounts', holder, protobuf({ 1: customer }));

/** The positive control of every case: whom the call is meant for is answered. */
async function expectServed(): Promise<void> {
  expect((await list('authorization-server/service')).code).toBe(RPC.OK);
}

const thumbprintOf = (holder: Holder | PemIdentity): string => {
  const pem = typeof holder === 'string' ? readFileSync(join(home, 'pki', `${holder}.crt`)) : holder.cert;
  return createHash('sha256').update(new X509Certificate(pem).raw).digest('base64url');
};

describe('G02, the right name', () => {
  const named = { subject: 'CN=authorization-server', uris: [uri('authorization-server')], purpose: 'both' } as const;
  const HOUR = 3_600_000;

  it.each<[string, () => PemIdentity, string]>([
    ['from an authority made at home', () => services.issue({ ...named, issuer: homeMade() }), 'certificate_untrusted'],
    [
      'in a certificate that has expired',
      () => services.issue({ ...named, notBefore: new Date(0), notAfter: new Date(Date.now() - HOUR) }),
      'certificate_expired',
    ],
    [
      'in a certificate from the future',
      () => services.issue({ ...named, notBefore: new Date(Date.now() + HOUR) }),
      'certificate_not_yet_valid',
    ],
    [
      'in a certificate for servers only',
      () => services.issue({ ...named, purpose: 'server' }),
      'certificate_wrong_purpose',
    ],
  ])('%s gets no connection [RFC5280-6.1.3]', async (_title, make, reason) => {
    const before = trail.refusedConnections('bank').length;
    expect((await list(make())).code).toBe(RPC.UNAVAILABLE);
    await expect
      .poll(() => trail.refusedConnections('bank').slice(before))
      .toEqual([expect.objectContaining({ action: 'bank.rpc.connection', reason }) as object]);
    await expectServed();
  });

  it('in a certificate for no purpose gets no call [RFC5280-4.2.1.12]', async () => {
    const holder = services.issue({ ...named, purpose: 'none' });
    expect((await list(holder)).code).toBe(RPC.DENIED);
    const { event } = await trail.refusalOfCall('ListShareableAccounts', thumbprintOf(holder));
    expect(event.reason).toBe('certificate_wrong_purpose');
    await expectServed();
  });

  const homeMade = () => createRoot({ subject: 'CN=kitchen', ...inForce(), random: (size) => Buffer.alloc(size, 7) });
});

describe('G04, every method at every door', () => {
  const methods = methodsOf(join(import.meta.dirname, '../../../../libs/rpc/proto'));
  /** Every service that has a certificate of its own, and one that nobody has heard of. */
  const known = globSync('*/service.crt', { cwd: join(home, 'pki') }).map((file) => file.replace('.crt', '') as Holder);
  const unknown = services.issue({ subject: 'CN=reporting', uris: [uri('reporting')], purpose: 'both' });
  const callers: readonly (readonly [string, Holder | PemIdentity])[] = [
    ...known.map((holder) => [holder.split('/')[0] ?? '', holder] as const),
    ['reporting', unknown],
  ];

  it('is what the contracts say, and everybody there is', () => {
    expect(methods).toContain(`${DIRECTORY}/AuthorizeConsent`);
    expect(methods).toContain('grpc.health.v1.Health/Watch');
    expect(callers.map(([name]) => name)).toEqual(expect.arrayContaining(['authorization-server', 'bank', 'lab']));
  });

  describe.each(doors)('$name', (door) => {
    const lists = callersAt(door.port);

    it.each(callers)('lets %s call what lists it, and denies the rest', async (name, holder) => {
      const codes = await Promise.all(
        methods.map(async (method) => ({
          method,
          code: (await rpcCall(home, { target: targetOf(door), method, holder })).code,
        })),
      );
      for (const { method, code } of codes) {
        const listed = lists[method]?.includes(name) ?? false;
        // A method that is not served here has no list and no handler either.
        const expected = method in lists ? [RPC.DENIED] : [RPC.UNIMPLEMENTED];
        if (listed) expect([RPC.OK, RPC.INVALID_ARGUMENT], method).toContain(code);
        else expect(expected, method).toContain(code);
        if (listed || !(method in lists)) continue;
        expect((await trail.refusalOfCall(method, thumbprintOf(holder))).event.reason).toBe('caller_not_listed');
      }
    });
  });

  it('stays shut to whoever writes another name into the call', async () => {
    const holder = services.issue({ subject: 'CN=authorization-server', uris: [uri('lab')], purpose: 'both' });
    expect((await list(holder)).code).toBe(RPC.DENIED);
    await expectServed();
  });
});

describe('G06, an honest caller that was talked into something', () => {
  const honest = 'authorization-server/service';
  const idsIn = (answer: RpcAnswer): string[] => answer.message?.toString('latin1').match(/acc_[\w-]{20,}/g) ?? [];
  const consent = (customer: string, accounts: readonly string[], request: string) =>
    bank(
      'AuthorizeConsent',
      honest,
      protobuf({
        1: request,
        2: customer,
        3: 'lab-first-client',
        4: 'First client',
        5: accounts,
        6: ['list_accounts'],
        7: Math.floor(Date.now() / 1000) + 3600,
      }),
    );

  it('gets no consent of Alice for an account of Bob, nor for one beside her own', async () => {
    const [own = ''] = idsIn(await list(honest));
    const [foreign = ''] = idsIn(await list(honest, 'cus-bob-4418'));
    expect([own, foreign]).toEqual([expect.stringMatching(/^acc_/), expect.stringMatching(/^acc_/)]);
    const request = randomUUID();
    expect((await consent('cus-alice-7302', [foreign], request)).code).toBe(RPC.DENIED);
    expect((await consent('cus-alice-7302', [own, foreign], request)).code).toBe(RPC.DENIED);
    const { event } = await trail.refusalOf(request.slice(0, 12));
    expect(event).toMatchObject({ action: 'bank.consent.authorize', reason: 'account_not_of_customer' });

    // Nothing was recorded: the same request, honest now, is the first of its name.
    const granted = await consent('cus-alice-7302', [own], request);
    expect(granted.code).toBe(RPC.OK);
    const id = /con_[\w-]{20,}/.exec(granted.message?.toString('latin1') ?? '')?.[0] ?? '';
    expect((await bank('RevokeConsent', honest, protobuf({ 1: id }))).code).toBe(RPC.OK);
  });
});

describe('G10, from outside', () => {
  const ports = listenersOf(urls).map(({ port }) => Number(port));

  it('nothing answers at an address of this machine that others can reach', async () => {
    const reachable = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of reachable)
      for (const port of ports) expect(await isOpen(address, port), `${address}:${port}`).toBe(false);
    for (const port of ports) expect(await isOpen('127.0.0.1', port)).toBe(true);
  });

  it.runIf(existsSync('/proc/net/tcp'))(
    'there is no other port than those of the table: none for admins or metrics',
    () => {
      const listening = listeningPortsOf(processesOf(home));
      expect(listening.toSorted()).toEqual(ports.toSorted());
    },
  );
});

describe('G11, what a stranger inside could look around with', () => {
  it.each([
    'grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    'grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
    'grpc.channelz.v1.Channelz/GetServers',
    'grpc.channelz.v1.Channelz/GetTopChannels',
  ])('%s is not there, not even for a service', async (method) => {
    for (const door of doors) {
      const target = targetOf(door);
      for (const holder of ['lab/service', 'bank/service', 'authorization-server/service'] as const)
        expect((await rpcCall(home, { target, method, holder })).code).toBe(RPC.UNIMPLEMENTED);
      expect((await rpcCall(home, { target, method })).code).toBe(RPC.UNAVAILABLE);
    }
  });

  it('health is told to nobody but the service that waits for it', async () => {
    const method = 'grpc.health.v1.Health/Check';
    const ask = async (target: string, holder?: Holder): Promise<number> =>
      (await rpcCall(home, { target, method, ...(holder && { holder }) })).code;
    for (const door of doors) {
      expect(await ask(targetOf(door), 'lab/service')).toBe(RPC.DENIED);
      expect(await ask(targetOf(door))).toBe(RPC.UNAVAILABLE);
    }
    expect(await ask(urls.bankRpc, 'authorization-server/service')).toBe(RPC.OK);
  });
});

/** Every method of every contract, as the contracts are written. */
function methodsOf(folder: string): readonly string[] {
  return globSync('**/*.proto', { cwd: folder }).flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8').replaceAll(/\/\/.*$/gm, '');
    const pack = /^package ([\w.]+);/m.exec(text)?.[1] ?? '';
    return [...text.matchAll(/^service (\w+) \{(.*?)^\}/gms)].flatMap(([, service = '', body = '']) =>
      [...body.matchAll(/\brpc (\w+)/g)].map(([, method = '']) => `${pack}.${service}/${method}`),
    );
  });
}

/** The lists of the process that listens there. */
function callersAt(port: string): Readonly<Record<string, readonly string[]>> {
  type Configuration = { rpc?: { listener?: { port: number }; callers?: Record<string, string[]> } };
  const folder = join(home, 'config');
  const all = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Configuration);
  return all.find(({ rpc }) => rpc?.listener?.port === Number(port))?.rpc?.callers ?? {};
}

function isOpen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (open: boolean) => () => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', end(true)).once('error', end(false)).setTimeout(1_000, end(false));
  });
}

/** The ports on which these processes listen, whatever the address. */
function listeningPortsOf(pids: readonly string[]): number[] {
  const inodes = new Set(
    pids.flatMap((pid) =>
      readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
        try {
          return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
        } catch {
          return []; // Closed meanwhile.
        }
      }),
    ),
  );
  const LISTEN = '0A';
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((cells) => cells[3] === LISTEN && inodes.has(cells[9] ?? ''))
      .map((cells) => parseInt((cells[1] ?? '').split(':').at(-1) ?? '', 16)),
  );
}
