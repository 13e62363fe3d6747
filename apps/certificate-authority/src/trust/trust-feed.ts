import { setTimeout as sleep } from 'node:timers/promises';
import type { Audit } from '@holdfast/fapi';
import { RpcError } from '@holdfast/rpc';
import type { TrustFeedHandlers, TrustUpdate } from '@holdfast/rpc/authority';
import { AcknowledgementRefused } from './acknowledgements.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import type { TrustPublisher } from './trust-publisher.ts';
import type { TrustState } from './trust-state.ts';

/** Milliseconds between two updates when nothing changes. Our choice, no clause: followers count on it. */
const HEARTBEAT = 1_000;

/** Pushes the trust state to every process that has a service certificate, and takes down what they tell. */
export function trustFeed(
  publisher: TrustPublisher,
  acknowledgements: Acknowledgements,
  audit: Audit,
): TrustFeedHandlers {
  return {
    watch: (_request, { signal }) => updates(publisher, signal),
    acknowledge: async (told, { caller }) => {
      try {
        const isNews = await acknowledgements.take(caller, told, publisher.state.version);
        const evidence = { version: `${told.version}`, instance: told.instance };
        if (isNews) audit({ action: 'trust.acknowledge', outcome: 'allowed', subject: caller, evidence });
        return {};
      } catch (error) {
        if (!(error instanceof AcknowledgementRefused)) throw error;
        audit({ action: 'trust.acknowledge', outcome: 'refused', reason: error.reason, subject: caller });
        throw new RpcError('invalid_argument', error.reason);
      }
    },
  };
}

async function* updates(publisher: TrustPublisher, signal: AbortSignal): AsyncGenerator<TrustUpdate> {
  let told = 0;
  while (!signal.aborted) {
    const { state } = publisher;
    yield state.version === told ? { version: told } : { version: state.version, state: onTheWire(state) };
    told = state.version;
    // What changed while the last update was on its way is not waited for.
    if (publisher.state.version === told) await nextChange(publisher, signal);
  }
}

async function nextChange(publisher: TrustPublisher, signal: AbortSignal): Promise<void> {
  const enough = new AbortController();
  const either = AbortSignal.any([signal, enough.signal]);
  const late = sleep(HEARTBEAT, undefined, { signal: either }).catch(() => undefined);
  await Promise.race([publisher.changed(either), late]);
  enough.abort();
}

const onTheWire = ({ purposes }: TrustState): NonNullable<TrustUpdate['state']> => ({
  purposes: Object.entries(purposes).map(([purpose, trust]) => ({ purpose, ...trust })),
});
