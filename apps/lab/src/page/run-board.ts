import { startControlGroup } from '../control-group/control-group.ts';
import type { Attack } from '../run/attack.ts';
import type { AttackResult, Audience, RealTarget } from '../run/run-attacks.ts';
import { runAttacks } from '../run/run-attacks.ts';
import type { Half, Step } from '../run/step.ts';

/** What is being played right now. */
export interface NowPlaying {
  readonly attack: Attack;
  readonly half: Half;
  /** Steps of this attack so far. */
  readonly steps: readonly { readonly half: Half; readonly step: Step }[];
  readonly done: number;
  readonly of: number;
}

export interface RunBoardParts {
  readonly findRealStack: () => Promise<RealTarget>;
  /** Hears of a run that could not be played at all. */
  readonly onTrouble: (error: unknown) => void;
  /** Ends a run after its current attack. */
  readonly abort: AbortSignal;
}

/**
 * The one run that may go on at a time, and the latest result of every attack. Everybody who looks at the page looks at the
 * same board, as everybody in a room looks at the same stage.
 */
export class RunBoard {
  readonly #parts: RunBoardParts;
  readonly #results = new Map<string, AttackResult>();
  #playing: NowPlaying | undefined;
  #away: string | undefined;
  #run: Promise<void> | undefined;

  constructor(parts: RunBoardParts) {
    this.#parts = parts;
  }

  /** Begins to play these attacks; does nothing while a run goes on. */
  start(attacks: readonly Attack[]): void {
    const [first] = attacks;
    if (this.isRunning || first === undefined || this.#parts.abort.aborted) return;
    for (const { id } of attacks) this.#results.delete(id);
    this.#playing = { attack: first, half: 'control', steps: [], done: 0, of: attacks.length };
    this.#run = this.#play(attacks)
      .catch(this.#parts.onTrouble)
      .finally(() => {
        this.#run = undefined;
        this.#playing = undefined;
      });
  }

  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  get playing(): NowPlaying | undefined {
    return this.#playing;
  }

  /** Why the real stack could not be attacked, when it was last tried. */
  get away(): string | undefined {
    return this.#away;
  }

  resultOf(attack: Attack): AttackResult | undefined {
    return this.#results.get(attack.id);
  }

  /** Resolves when nothing is being played any more. */
  async settled(): Promise<void> {
    await this.#run;
  }

  async #play(attacks: readonly Attack[]): Promise<void> {
    const control = await startControlGroup();
    try {
      // Looked for anew each time: certificates are renewed, and the platform may have been restarted.
      const real = await this.#parts.findRealStack();
      this.#away = 'away' in real ? real.away : undefined;
      const audience: Audience = {
        begins: (attack) => this.#show({ attack, half: 'control', steps: [] }, attacks),
        sees: (attack, half, step) =>
          this.#show({ attack, half, steps: [...(this.#playing?.steps ?? []), { half, step }] }, attacks),
        ends: (result) => void this.#results.set(result.attack.id, result),
      };
      await runAttacks(attacks, { control, real }, audience, this.#parts.abort);
    } finally {
      await control.close();
    }
  }

  #show(now: Pick<NowPlaying, 'attack' | 'half' | 'steps'>, attacks: readonly Attack[]): void {
    this.#playing = { ...now, done: attacks.indexOf(now.attack), of: attacks.length };
  }
}
