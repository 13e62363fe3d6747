import { introspect } from '../../attacks/token-status.ts';
import { listShareableAccounts } from '../../attacks/account-directory.ts';
import type { HeldCertificate } from '../../wire/caller.ts';
import { httpsCall } from '../../wire/https-call.ts';
import type { TlsOffer, TlsSight } from '../../wire/tls-sight.ts';
import { earlyDataOf, lookAtTls, speakPlainly } from '../../wire/tls-sight.ts';
import { describeAnswer } from '../../wire/wire-answer.ts';
import type { KnownDoor } from '../doors.ts';
import { doorsOf } from '../doors.ts';
import { push } from '../flow.ts';
import type { Probe, Seen } from '../probe.ts';
import { all, probe, seen } from '../probe.ts';
import { refusedWith } from '../sights.ts';
import type { VerdictWorld } from '../verdict-world.ts';

/** What a client of another age offers; level 0 lets this side's library offer it at all. */
const OLD: TlsOffer = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' };
const VERSION_1_2: TlsOffer = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers: 'ALL:@SECLEVEL=0' };
const ECDSA_ONLY: TlsOffer = { ...VERSION_1_2, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384' };

/** RFC9325-4.2, with RSA alone as FAPI1-ADV-8.5-1 has it. */
const SUITES_1_2 = /^TLS_ECDHE_RSA_WITH_AES_(?:128_GCM_SHA256|256_GCM_SHA384)$/;

export const tlsProbes: readonly Probe[] = [
  probe('TLS-01', 'every listener chooses TLS 1.3', (world) =>
    atEachDoor(world, {}, (sight) => seen(sight.kind === 'open' && sight.protocol === 'TLSv1.3', wordsOf(sight))),
  ),
  probe('TLS-02', 'whoever offers TLS 1.2 and every cipher gets ECDHE-RSA with AES-GCM, or no connection', (world) =>
    atEachDoor(world, VERSION_1_2, (sight) =>
      seen(sight.kind === 'cut-off' || (sight.kind === 'open' && SUITES_1_2.test(sight.cipher)), wordsOf(sight)),
    ),
  ),
  probe('TLS-03', 'whoever offers nothing newer than TLS 1.1 gets no connection', (world) =>
    atEachDoor(world, OLD, isCutOff),
  ),
  probe('TLS-04', 'whoever offers TLS 1.2 with ECDSA suites alone gets no connection', (world) =>
    atEachDoor(world, ECDSA_ONLY, isCutOff),
  ),
  probe('TLS-05', 'whoever comes back with a session of before makes a whole handshake', comeBack),
  probe('TLS-06', 'no session that was given may carry early data', (world) =>
    atEachDoor(world, {}, (sight) => {
      if (sight.kind !== 'open') return seen(false, wordsOf(sight));
      const bytes = sight.session === undefined ? 0 : earlyDataOf(sight.session);
      return seen(bytes === 0, `${bytes} bytes of early data`);
    }),
  ),
  probe('TLS-07', 'the listeners for browsers ask for no certificate', (world) =>
    atEachDoor(
      world,
      {},
      (sight) => seen(sight.kind === 'open' && !sight.asksForCertificate, askWords(sight)),
      'browsers',
    ),
  ),
  probe('TLS-08', 'the listeners for mutual TLS ask for a certificate', (world) =>
    atEachDoor(
      world,
      {},
      (sight) => seen(sight.kind === 'open' && sight.asksForCertificate, askWords(sight)),
      'mutual',
    ),
  ),
  probe('TLS-09', '401 invalid_client from the authorization server, 401 from the bank', unfitCertificates),
  probe(
    'TLS-10',
    'gRPC 14 without a certificate or with a client’s; with a service’s a decision of the application',
    internal,
  ),
  probe('TLS-14', 'no listener answers a plain HTTP request with HTTP', async (world) => {
    const sights = doorsOf(world).map(async (door) => {
      // Who is not there answers nothing either.
      const { kind } = await lookAtTls(door.caller, door);
      if (kind === 'unreachable') throw new Error(`${door.name} is not there`);
      const heard = await speakPlainly(door.caller, door, `GET / HTTP/1.1\r\nHost: ${door.host}\r\n\r\n`);
      return seen(!heard.startsWith('HTTP/'), heard.startsWith('HTTP/') ? `${door.name} answers` : 'no answer in HTTP');
    });
    return all(...(await Promise.all(sights)));
  }),
];

async function atEachDoor(
  world: VerdictWorld,
  offer: TlsOffer,
  judge: (sight: TlsSight) => Seen,
  kind?: KnownDoor['kind'],
): Promise<Seen> {
  const sights: Seen[] = [];
  for (const door of doorsOf(world).filter((each) => kind === undefined || each.kind === kind)) {
    const sight = await lookAtTls(door.caller, door, offer);
    if (sight.kind === 'unreachable') throw new Error(`${door.name} could not be asked: ${sight.code}`);
    const { held, observed } = judge(sight);
    sights.push(seen(held, held ? observed : `${door.name}: ${observed}`));
  }
  return all(...sights);
}

const isCutOff = (sight: TlsSight): Seen => seen(sight.kind === 'cut-off', wordsOf(sight));

const wordsOf = (sight: TlsSight): string =>
  sight.kind === 'open' ? `${sight.protocol} with ${sight.cipher}` : `ended in the handshake (${sight.code})`;

async function comeBack(world: VerdictWorld): Promise<Seen> {
  const sights: Seen[] = [];
  for (const door of doorsOf(world)) {
    const first = await lookAtTls(door.caller, door);
    if (first.kind !== 'open') throw new Error(`${door.name} could not be asked: ${first.code}`);
    const again = first.session === undefined ? first : await lookAtTls(door.caller, door, { session: first.session });
    const held = again.kind !== 'open' || !again.resumed;
    sights.push(seen(held, held ? 'no session is taken up again' : `${door.name} takes the session up again`));
  }
  return all(...sights);
}

const askWords = (sight: TlsSight): string => {
  if (sight.kind !== 'open') return wordsOf(sight);
  return sight.asksForCertificate ? 'asks for a certificate' : 'asks for none';
};

/** None, one out of time, one for servers, one for nothing: each reaches the application and is told why not. */
async function unfitCertificates(world: VerdictWorld): Promise<Seen> {
  const { real } = world;
  const unfit: readonly (HeldCertificate | undefined)[] = [
    undefined,
    real.held.expired,
    real.held.wrongPurpose,
    real.held.noPurpose,
  ];
  const sights: Seen[] = [];
  for (const certificate of unfit) {
    const caller = real.caller('somebody', certificate);
    sights.push(refusedWith((await push(world, {}, { caller })).exchange, 401, 'invalid_client'));
    const { answer } = await httpsCall(caller, { method: 'GET', url: `${real.bankUrl}/accounts` });
    sights.push(seen(answer.kind === 'http' && answer.status === 401, `bank: ${describeAnswer(answer)}`));
  }
  return all(...sights);
}

async function internal({ real }: VerdictWorld): Promise<Seen> {
  const { rpc, held } = real;
  const callers = {
    without: real.internalCaller('nobody'),
    wrong: real.internalCaller('a client', held.first),
    service: real.internalCaller('a service', held.service),
  };
  const sights: Seen[] = [];
  for (const [name, caller] of Object.entries(callers)) {
    for (const call of [listShareableAccounts(caller, rpc.accountDirectory), introspect(caller, rpc.tokenStatus)]) {
      const { answer } = await call;
      const held = answer.kind === 'grpc' && (answer.code === 14) === (name !== 'service') && answer.code !== 0;
      sights.push(seen(held, `${name}: ${describeAnswer(answer)}`));
    }
  }
  return all(...sights);
}
