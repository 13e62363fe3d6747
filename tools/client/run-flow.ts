import { PlatformTrouble } from '../platform/trouble.ts';
import { openConnections } from './connection.ts';
import { FLOWS, checkFits } from './flows/flow-names.ts';
import type { FlowName } from './flows/flow-names.ts';
import type { LoadedClient } from './load-client.ts';
import { Refused, RefusedByServer } from './refusal.ts';
import type { Reason } from './refusal.ts';
import { relyingParty } from './relying-party.ts';
import { Steps } from './steps.ts';
import type { Step } from './steps.ts';

/** How a run ended. */
export type Outcome =
  | { readonly outcome: 'passed' }
  /** We went no further. */
  | { readonly outcome: 'refused'; readonly reason: Reason; readonly clause: string; readonly what: string }
  /** The server, or the person at its page, said no. */
  | { readonly outcome: 'refused_by_server'; readonly code: string; readonly what: string }
  /** The client file, the machine or the network: nothing was judged. */
  | { readonly outcome: 'unusable'; readonly what: string; readonly remedy: string };

export type FlowReport = Outcome & {
  readonly issuer: string;
  readonly client: string;
  readonly flow: FlowName;
  readonly steps: readonly Step[];
};

export interface FlowOptions {
  /** Hears each step when it ends. */
  readonly onStep?: (step: Step) => void;
  /** The clock, in milliseconds since 1970; the system's when absent. */
  readonly now?: () => number;
}

/**
 * Runs one flow as one client, from discovery to the resource, and reports how it went. Only faults of our own are
 * thrown.
 */
export async function runFlow(loaded: LoadedClient, flow: FlowName, options: FlowOptions = {}): Promise<FlowReport> {
  const { onStep, now = Date.now } = options;
  const steps = new Steps(onStep);
  const report = { issuer: loaded.file.issuer, client: loaded.file.client_id, flow, steps: steps.done };
  const connections = openConnections(loaded);
  try {
    checkFits(loaded, flow);
    await FLOWS[flow].run(await relyingParty({ loaded, connections, steps, now }));
    return { ...report, outcome: 'passed' };
  } catch (error) {
    return { ...report, ...outcomeOf(error) };
  } finally {
    await connections.close();
  }
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof Refused)
    return { outcome: 'refused', reason: error.reason, clause: error.clause, what: error.message };
  if (error instanceof RefusedByServer) return { outcome: 'refused_by_server', code: error.code, what: error.message };
  if (error instanceof PlatformTrouble) return { outcome: 'unusable', what: error.message, remedy: error.remedy };
  throw error;
}
