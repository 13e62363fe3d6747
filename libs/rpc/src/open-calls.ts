import type { PeerCertificate } from '@holdfast/mtls';

/** A call that goes on, and what it was let in with. */
export interface OpenCall {
  readonly method: string;
  readonly certificate: PeerCertificate;
  /** Ends it with a refusal, here and at the caller. */
  readonly refuse: () => void;
}

/** The calls that are open at this moment. A stream lives for minutes: what is learnt about its caller must reach it. */
export class OpenCalls {
  readonly #calls = new Set<OpenCall>();

  /** @returns what to do once the call is over */
  begin(call: OpenCall): () => void {
    this.#calls.add(call);
    return () => void this.#calls.delete(call);
  }

  /** Refuses every open call for which `isRefused` says so. */
  review(isRefused: (call: OpenCall) => boolean): void {
    for (const call of this.#calls) if (isRefused(call)) call.refuse();
  }
}
