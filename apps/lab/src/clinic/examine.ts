import { CERTIFICATE_FINDINGS } from '@holdfast/mtls';
import type { FindingCode } from '@holdfast/mtls';
import { diagnose } from '@holdfast/mtls/clinic';
import type { Diagnosis, FoundAt, Patient } from '@holdfast/mtls/clinic';
import type { Caller } from '../wire/caller.ts';
import type { Exchange } from '../wire/https-call.ts';
import { httpsCall, jsonOf } from '../wire/https-call.ts';
import type { Secret } from '../wire/secret.ts';
import { bearer } from '../wire/secret.ts';
import type { WireAnswer } from '../wire/wire-answer.ts';
import { describeAnswer, isSuccess } from '../wire/wire-answer.ts';
import type { Clinic } from './open-clinic.ts';
import { asSeenThrough } from './through-proxy.ts';

/** What one door said to a patient. */
export interface Told {
  /** How far it came; undefined when that could not be seen. */
  readonly foundAt: FoundAt | undefined;
  /** The code in the answer; undefined when the certificate was taken, or when there was no answer. */
  readonly code: FindingCode | undefined;
  readonly taken: boolean;
  /** Whether the audit trail gives the same code for this very request. */
  readonly writtenDown: boolean;
  /** The answer in one line. */
  readonly answer: string;
}

/** A patient after the visit. */
export interface Examined {
  readonly patient: Patient;
  /** What its files alone show. */
  readonly onPaper: readonly Diagnosis[];
  readonly authorizationServer: Told;
  readonly bank: Told;
  /** What is not as it should be. */
  readonly problem: string | undefined;
}

/** Shows a patient to the token endpoint, in the name it carries, and to the bank, with a token of that name. */
export async function examine(clinic: Clinic, patient: Patient): Promise<Examined> {
  const caller = callerOf(clinic, patient);
  const onPaper = readPapers(clinic, patient);
  const { link, stack } = clinic;
  const [authorizationServer, refreshed] = await ask(clinic, () =>
    httpsCall(caller, {
      method: 'POST',
      url: stack.discovery.mtls.token,
      form: [
        ['grant_type', 'refresh_token'],
        ['client_id', stack.first.clientId],
        ['refresh_token', link.refreshToken],
      ],
    }),
  );
  // Whoever is well has now a token of its own; the others show the one that was stolen from their namesake.
  const own = jsonOf(refreshed)['access_token'];
  const token = typeof own === 'string' ? stack.first.keep(own) : link.accessToken;
  const [bank] = await ask(clinic, () => askBank(clinic, caller, token));
  const told = { patient, onPaper, authorizationServer, bank };
  const problems = asSeenThrough(clinic.proxy, patient).map((seen) => problemOf({ ...told, patient: seen }));
  return { ...told, problem: problems.includes(undefined) ? undefined : problems[0] };
}

const askBank = ({ stack }: Clinic, caller: Caller, token: Secret): Promise<Exchange> =>
  httpsCall(caller, { method: 'GET', url: `${stack.bankUrl}/accounts`, headers: [bearer(token)] });

function callerOf({ stack, filesOf }: Clinic, { id, what }: Patient): Caller {
  return { ...stack.caller(what.en, filesOf(id)), mindsShortKeys: false };
}

function readPapers({ filesOf, trusted, revocations }: Clinic, { id }: Patient): readonly Diagnosis[] {
  const files = filesOf(id);
  const { certificatePem: certificate = '', keyPem } = files ?? {};
  const key = keyPem === undefined ? {} : { key: keyPem };
  return diagnose({ certificate, ...key, trusted, revocations, now: new Date() });
}

async function ask(clinic: Clinic, act: () => Promise<Exchange>): Promise<readonly [Told, Exchange]> {
  const { audit } = clinic.stack;
  const before = await audit.mark();
  const exchange = await act();
  const code = codeIn(exchange.answer);
  const about = { interaction: exchange.sent.interaction, reason: code };
  const event =
    code === undefined
      ? undefined
      : await audit.find(
          before,
          ({ interaction, reason }) => interaction === about.interaction && reason === about.reason,
        );
  const told: Told = {
    foundAt: placeOf(exchange.answer),
    code,
    taken: isSuccess(exchange.answer),
    writtenDown: event !== undefined,
    answer: describeAnswer(exchange.answer),
  };
  return [told, exchange];
}

/** The code at the beginning of the description, when it is one of the catalogue. */
function codeIn(answer: WireAnswer): FindingCode | undefined {
  const [word = ''] = answer.kind === 'http' ? (answer.description ?? '').split(':') : [];
  return Object.hasOwn(CERTIFICATE_FINDINGS, word) ? (word as FindingCode) : undefined;
}

/** What this side's own library says before anything is sent. */
const OWN_LIBRARY = /KEY_VALUES_MISMATCH/;

function placeOf(answer: WireAnswer): FoundAt | undefined {
  if (answer.kind === 'http') return 'listener';
  if (answer.kind === 'cut-off') return 'handshake';
  return answer.kind === 'unreachable' && OWN_LIBRARY.test(answer.code) ? 'client' : undefined;
}

/** What is not as it should be: another code at either door, none in the audit trail, another end, another diagnosis. */
export function problemOf({
  patient,
  onPaper,
  authorizationServer,
  bank,
}: Omit<Examined, 'problem'>): string | undefined {
  const doors = { 'authorization server': authorizationServer, bank };
  for (const [door, told] of Object.entries(doors)) {
    const wrong = wrongAt(told, patient);
    if (wrong !== undefined) return `${door}: ${wrong}`;
  }
  const expected = patient.onPaper ?? patient.code;
  const codes = onPaper.map(({ code }) => code);
  if (expected === undefined ? codes.length === 0 : codes.includes(expected)) return undefined;
  return `on paper: expected ${expected ?? 'nothing'}, found ${codes.join(', ') || 'nothing'}`;
}

function wrongAt(told: Told, { code, foundAt }: Patient): string | undefined {
  if (told.foundAt !== foundAt) return `expected an end at the ${foundAt}, got: ${told.answer}`;
  if (foundAt !== 'listener') return undefined;
  if (code === undefined) return told.taken ? undefined : `should have been taken, got: ${told.answer}`;
  if (told.code !== code) return `expected ${code}, got: ${told.code ?? told.answer}`;
  return told.writtenDown ? undefined : `no audit event says ${code}`;
}
