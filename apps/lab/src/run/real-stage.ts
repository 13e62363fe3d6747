import type { AuditEvent, AuditTrail, Mark } from '../real/audit-trail.ts';
import type { RealStack } from '../real/real-stack.ts';
import type { Exchange } from '../wire/https-call.ts';
import type { Secret } from '../wire/secret.ts';
import { describeAnswer, isSuccess } from '../wire/wire-answer.ts';
import { shownOf } from './control-stage.ts';
import { UN14 } from './refusal.ts';
import type { Refusal } from './refusal.ts';
import type { Attempt, Step } from './step.ts';
import type { Text } from './text.ts';

/** One attempt on the real stack, with everything that has to be true of its refusal. */
export interface AttemptPlan {
  readonly variant?: string;
  readonly what: Text;
  act(): Promise<Exchange | readonly Exchange[]>;
  /** The right answers; every exchange must get one of them. */
  readonly refusedWith: readonly Refusal[];
  /** The precise reason the audit trail must give. Not looked for when the handshake itself ended the attempt. */
  readonly reason?: string;
  /** What it may be instead when the answer came through a proxy. RFC9110-7.6.3. */
  readonly reasonThroughProxy?: string;
  /** More that must be true of the audit event; returns what is wrong with it. */
  checkEvent?(event: AuditEvent): string | undefined;
}

/** What an attack gets to work with while it plays on the real stack. */
export interface RealStage {
  readonly real: RealStack;
  holds(what: Text, value?: Secret | string): void;
  attempt(plan: AttemptPlan): Promise<void>;
  /** Asserts that something is as it was; the check returns what is wrong. */
  unchanged(what: Text, check: () => Promise<string | undefined>): Promise<void>;
  /** The positive control. */
  honest(what: Text, act: () => Promise<Exchange>): Promise<Exchange>;
}

/** @param tell receives every step as it happens */
export function realStage(real: RealStack, tell: (step: Step) => void): RealStage {
  return {
    real,
    holds: (what, value) => tell({ kind: 'held', what, value: value?.toString() }),
    async attempt(plan) {
      const before = await real.audit.mark();
      const exchanges = [await plan.act()].flat();
      const judged = await judgeAttempt(plan, exchanges, real.audit, before);
      const expected = plan.refusedWith.map(({ name }) => name);
      const { variant = '', what } = plan;
      tell({ kind: 'attempt', variant, what, exchanges: exchanges.map(shownOf), expected, ...judged });
    },
    async unchanged(what, check) {
      tell({ kind: 'unchanged', what, problem: await check() });
    },
    async honest(what, act) {
      const exchange = await act();
      tell({ kind: 'honest', what, works: isSuccess(exchange.answer), shown: shownOf(exchange) });
      return exchange;
    },
  };
}

type Judgement = Pick<Attempt, 'outcome' | 'event' | 'problem'>;

/** A success of any exchange is a theft; a refusal is believed only in the right words and with the right reason on file. */
async function judgeAttempt(
  plan: AttemptPlan,
  exchanges: readonly Exchange[],
  audit: AuditTrail,
  before: Mark,
): Promise<Judgement> {
  if (exchanges.some(({ answer }) => isSuccess(answer)))
    return { outcome: 'stolen', event: undefined, problem: 'the attacker got what he asked for' };
  const unexpected = exchanges.find(({ answer }) => !plan.refusedWith.some((refusal) => refusal.matches(answer)));
  if (unexpected !== undefined || exchanges.length === 0) {
    const seen = unexpected === undefined ? 'nothing was sent' : describeAnswer(unexpected.answer);
    return inconclusive(`expected ${plan.refusedWith.map(({ name }) => name).join(' or ')}, got: ${seen}`);
  }
  let event: AuditEvent | undefined;
  for (const exchange of exchanges.filter(({ answer }) => isDecided(answer.kind, plan))) {
    const instead = exchange.headers.has('via') ? plan.reasonThroughProxy : undefined;
    const reasons = [plan.reason, instead].filter((reason) => reason !== undefined);
    event = await audit.find(
      before,
      (candidate) => isAbout(candidate, exchange) && reasons.includes(candidate.reason ?? ''),
    );
    if (event === undefined)
      return inconclusive(`no audit event says "${reasons.join('" or "')}" about ${exchange.sent.line}`);
    const wrong = plan.checkEvent?.(event);
    if (wrong !== undefined) return inconclusive(`the audit event is wrong: ${wrong}`);
  }
  return { outcome: 'refused', event, problem: undefined };
}

/** Was there somebody to decide, and thus to write an event? A broken handshake has no author. */
function isDecided(kind: Exchange['answer']['kind'], plan: AttemptPlan): boolean {
  return plan.reason !== undefined && kind !== 'cut-off';
}

/**
 * HTTP events carry the interaction id of the request; events of gRPC calls name the method, but for those of a connection that came
 * to no call.
 */
function isAbout(event: AuditEvent, { sent, answer }: Exchange): boolean {
  if (event.outcome !== 'refused') return false;
  if (UN14.matches(answer)) return event.action.endsWith('rpc.connection');
  if (answer.kind === 'grpc') return event.line.includes(sent.line.split(' ').at(-1) ?? '');
  return event.interaction === sent.interaction;
}

function inconclusive(problem: string): Judgement {
  return { outcome: 'inconclusive', event: undefined, problem };
}
