import type { AuditEvent } from '../real/audit-trail.ts';
import type { Sent } from '../wire/https-call.ts';
import type { WireAnswer } from '../wire/wire-answer.ts';
import type { Text } from './text.ts';

export type Outcome = 'refused' | 'stolen' | 'inconclusive';

/** One request and its answer, without bodies: fit to be shown. */
export interface Shown {
  readonly sent: Sent;
  readonly answer: WireAnswer;
}

/** The attacker takes something into his hands. */
export interface Held {
  readonly kind: 'held';
  readonly what: Text;
  /** A secret in its shown form, or a public value. */
  readonly value: string | undefined;
}

/** The attack on the control group. */
export interface Theft {
  readonly kind: 'theft';
  readonly variant: string;
  readonly what: Text;
  readonly exchanges: readonly Shown[];
  /** What the thief has in hand, or `undefined` when he got nothing. */
  readonly loot: string | undefined;
}

/** The attack on the real stack. */
export interface Attempt {
  readonly kind: 'attempt';
  readonly variant: string;
  readonly what: Text;
  readonly exchanges: readonly Shown[];
  readonly outcome: Outcome;
  /** Names of the refusals that would have been right. */
  readonly expected: readonly string[];
  /** The audit event of the last exchange; absent when the handshake ended before anybody could decide. */
  readonly event: AuditEvent | undefined;
  /** Why the outcome is not a refusal. */
  readonly problem: string | undefined;
}

/** Something that must be as it was before the attack. */
export interface Unchanged {
  readonly kind: 'unchanged';
  readonly what: Text;
  readonly problem: string | undefined;
}

/** The positive control: the honest call, in the same run. */
export interface Honest {
  readonly kind: 'honest';
  readonly what: Text;
  readonly works: boolean;
  readonly shown: Shown;
}

export type Step = Held | Theft | Attempt | Unchanged | Honest;

/** Where a step belongs. */
export type Half = 'control' | 'real';
