import type { CryptoKey, JWK, JWTPayload } from 'jose';
import type { Clock } from '../../clock.ts';
import { epochSeconds } from '../../clock.ts';
import { KEY_LIFE } from '../../profile.ts';
import type { SigningAlgorithm } from '../../profile.ts';
import type { ImportedKey } from './import.ts';
import { importKeys } from './import.ts';
import { phaseOf, sameGeneration } from './key-life.ts';
import type { Generation } from './key-life.ts';
import { signCompact } from './sign-compact.ts';
import type { SignedType, SigningKeys } from './signing-keys.ts';

/** A generation with its private keys, one per algorithm, as it comes out of the store. */
export interface KeyGeneration extends Generation {
  readonly privateJwks: readonly JWK[];
}

/** A generation as it may be told of: the names of its keys, nothing of the keys. */
export interface NamedGeneration extends Generation {
  readonly kids: readonly { readonly alg: SigningAlgorithm; readonly kid: string }[];
}

type Imported = NamedGeneration & { readonly keys: ReadonlyMap<SigningAlgorithm, ImportedKey> };

/** Every generation of keys this process knows of. Which of them signs, verifies and is published is the clock's to say. */
export class KeyRing implements SigningKeys {
  readonly #clock: Clock;
  #ring: readonly Imported[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What the ring holds, in the order of their numbers. */
  get generations(): readonly NamedGeneration[] {
    return this.#ring.map(({ number, signsFrom, kids }) => ({ number, signsFrom, kids }));
  }

  /**
   * Takes the generations of the store for the ring. Those it held before are not imported again.
   * @throws TypeError when a key is unfit; the ring then stays as it was
   */
  async take(generations: readonly KeyGeneration[]): Promise<void> {
    const held = this.#ring;
    const ring = await Promise.all(
      generations.map(async (it) => held.find((known) => sameGeneration(it, known)) ?? imported(it)),
    );
    this.#ring = ring.sort((a, b) => a.number - b.number);
  }

  sign(alg: SigningAlgorithm, typ: SignedType, claims: JWTPayload): Promise<string> {
    const now = this.#clock.now();
    if (claims.exp !== undefined && claims.exp > epochSeconds(now) + KEY_LIFE.longestSignature)
      throw new TypeError(`${typ} would outlive the publication of its key`);
    const { privateKey, publicJwk } = this.#signing(alg, now);
    return signCompact({ alg, kid: publicJwk.kid, typ }, claims, privateKey);
  }

  verificationKey(kid: string, alg: string): CryptoKey | undefined {
    const found = this.#published().find((key) => key.publicJwk.kid === kid);
    // The key says what it is for, never the header of a token. RFC8725-3.1
    return found?.alg === alg ? found.publicKey : undefined;
  }

  publicJwks(): { keys: JWK[] } {
    return { keys: this.#published().map(({ publicJwk }) => publicJwk) };
  }

  #signing(alg: SigningAlgorithm, now: Date): ImportedKey {
    const key = this.#ring.find((it) => phaseOf(it, this.#ring, now) === 'signing')?.keys.get(alg);
    if (key === undefined) throw new Error(`no key for ${alg} may sign at this moment`);
    return key;
  }

  #published(): ImportedKey[] {
    const now = this.#clock.now();
    const published = this.#ring.filter((it) => phaseOf(it, this.#ring, now) !== 'removed');
    return published.flatMap(({ keys }) => [...keys.values()]);
  }
}

async function imported({ number, signsFrom, privateJwks }: KeyGeneration): Promise<Imported> {
  const keys = await importKeys(privateJwks);
  const kids = [...keys.values()].map(({ alg, publicJwk }) => ({ alg, kid: publicJwk.kid }));
  return { number, signsFrom, kids, keys };
}
