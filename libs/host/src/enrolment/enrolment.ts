import { setTimeout as sleep } from 'node:timers/promises';
import type { AuthorityConfig } from '../config/schemas.ts';
import { StartUpError } from '../process/start-up-error.ts';
import { EnrolmentRefused } from './enrolment-refused.ts';
import type { Proof } from './est-client.ts';
import { KeptLeaf } from './kept-leaf.ts';
import type { EnrolmentWorld } from './kept-leaf.ts';
import { holderOf } from './leaf-config.ts';
import type { LeafConfig } from './leaf-config.ts';
import { readToken } from './leaf-files.ts';

/** How often certificates are looked at, in milliseconds; how long a start waits for the authority. Our choice, no clause. */
const EVERY = 500;
const PATIENCE = 60_000;

export interface EnrolmentOptions extends Omit<EnrolmentWorld, 'url'> {
  /** Who issues, and what: with the first of `leaves` the process proves who it is. */
  readonly authority: AuthorityConfig;
  /** {@link EVERY} when absent. */
  readonly everyMs?: number;
  /** {@link PATIENCE} when absent. */
  readonly patienceMs?: number;
}

/** The certificates of a process: enrolled when it starts, renewed as long as it runs. */
export interface Enrolment {
  close(): Promise<void>;
}

/**
 * RFC7030-4.2. Sees to it that every certificate of the process is there and in force, and then that it stays so: renewed at two
 * thirds of its life, and at once when another authority issues. The first certificate is issued for a token, the others for the
 * first. A failure is tried again, and the old certificate stays in use; only when it has ended the process is no longer ready.
 * Nothing happens where the configuration names no leaves: then somebody else puts certificates into their files.
 * @throws StartUpError when a certificate is missing and cannot be had
 */
export async function startEnrolment(options: EnrolmentOptions): Promise<Enrolment> {
  const { url, leaves } = options.authority;
  if (leaves === undefined) return { close: () => Promise.resolve() };
  if (url === undefined)
    throw new StartUpError('authority.leaves names certificates, and no authority.url who issues them', 'Name both.');
  const keeper = new Keeper(leaves, { ...options, url });
  try {
    await keeper.enrolMissing(options.patienceMs ?? PATIENCE);
  } catch (error) {
    await keeper.close();
    throw error;
  }
  keeper.follow(options.everyMs ?? EVERY);
  return keeper;
}

class Keeper implements Enrolment {
  readonly #world: EnrolmentWorld;
  readonly #leaves: readonly KeptLeaf[];
  readonly #ending = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(leaves: readonly LeafConfig[], world: EnrolmentWorld) {
    this.#world = world;
    this.#leaves = leaves.map((leaf) => new KeptLeaf(leaf, world, (asking) => this.#proofOf(asking)));
  }

  async close(): Promise<void> {
    this.#ending.abort();
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** One after the other: all but the first need the first. */
  async enrolMissing(patience: number): Promise<void> {
    const until = performance.now() + patience;
    for (const leaf of this.#leaves) await this.#enrolOne(leaf, until);
  }

  async #enrolOne(leaf: KeptLeaf, until: number): Promise<void> {
    const signal = AbortSignal.any([this.#ending.signal, this.#world.ctx.abort]);
    while (!leaf.isUsable()) {
      try {
        if (!(await leaf.replace(signal))) await sleep(EVERY, undefined, { signal });
      } catch (error) {
        if (!(error instanceof EnrolmentRefused) || signal.aborted) throw error;
        if (!error.passes || performance.now() > until) throw startUpErrorOf(error, leaf, this.#world.url);
        this.#world.ctx.log.warn({ certificate: leaf.config.name, reason: error.message }, 'not enrolled yet');
        await sleep(leaf.pause, undefined, { signal });
      }
    }
  }

  /** From now on every certificate is renewed in time. */
  follow(everyMs: number): void {
    const { health, clock } = this.#world.ctx;
    const identities = this.#leaves.map(({ identity }) => identity);
    health.add('certificates', () => {
      if (identities.some((identity) => clock.now() > identity.current().leaf.notAfter))
        throw new Error('a certificate has ended');
    });
    let busy = false;
    this.#timer = setInterval(() => {
      if (busy) return;
      busy = true;
      this.#looking = this.#look().finally(() => (busy = false));
    }, everyMs).unref();
  }

  async #look(): Promise<void> {
    for (const leaf of this.#leaves) {
      if (this.#ending.signal.aborted || !leaf.mayTry() || !leaf.isDue()) continue;
      try {
        await leaf.replace(this.#ending.signal);
      } catch (error) {
        if (error instanceof Error && error.name === 'AbortError') return;
        // Of an unforeseen failure the next look is another attempt; the certificate in use is as good as it was.
        this.#world.ctx.log.warn({ err: error, certificate: leaf.config.name }, 'a certificate could not be renewed');
      }
    }
  }

  /** The certificate that authenticates, as long as the authority takes it; else the token. */
  #proofOf(leaf: KeptLeaf): Proof {
    const [first = leaf] = this.#leaves;
    const isTrusted = leaf !== first || leaf.lastProblem !== 'not_authenticated';
    const inForce = first.onDisk() !== undefined;
    if (inForce && isTrusted) return { identity: first.identity };
    const token = leaf === first ? readToken(leaf.files) : undefined;
    if (token !== undefined) return { token, holder: holderOf(leaf.config) };
    if (inForce) return { identity: first.identity };
    throw new EnrolmentRefused('token_missing');
  }
}

function startUpErrorOf(error: EnrolmentRefused, leaf: KeptLeaf, url: string): StartUpError {
  const { name } = leaf.config;
  const token = `Start everything with npm start, or have one made beside the running certificate authority: npm run pki -- token ${holderOf(leaf.config)}`;
  const told = (problem: string, remedy: string) => new StartUpError(problem, remedy, { cause: error });
  switch (error.problem) {
    case 'authority_unreachable':
    case 'authority_busy':
      return told(
        `the certificate authority at ${url} did not issue ${name} (${error.message})`,
        'Start it first: npm start, or npx nx serve certificate-authority beside this.',
      );
    case 'token_missing':
      return told(`there is no certificate ${name} in force, and no enrolment token to get one with`, token);
    case 'not_authenticated':
      return told(`the certificate authority did not take what we prove ourselves with for ${name}`, token);
    case 'request_refused':
      return told(
        `the certificate authority does not issue ${name} as the configuration wants it (${error.detail})`,
        'Compare authority.leaves of the configuration with infra/pki/pki.yaml.',
      );
    default:
      return told(
        `what the certificate authority at ${url} answered for ${name} is not taken (${error.message})`,
        'Look whether pki/trust and the configuration speak of this authority.',
      );
  }
}
