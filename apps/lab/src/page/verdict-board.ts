import type { Probe } from '../verdict/probe.ts';
import type { Requirement, RequirementSection } from '../verdict/requirement-list.ts';
import type { LineVerdict, VerdictPlan } from '../verdict/run-verdict.ts';
import { runVerdict, standingUnasked } from '../verdict/run-verdict.ts';

/** What is being asked for right now. */
export interface NowAsking {
  readonly requirement: Requirement;
  readonly done: number;
  readonly of: number;
}

export interface VerdictBoardParts {
  readonly sections: readonly RequirementSection[];
  readonly probes: ReadonlyMap<string, Probe>;
  /** Opens the platform; looked for anew with every run. */
  readonly openWorld: () => Promise<VerdictPlan['world']>;
  /** Hears of a run that could not be made at all. */
  readonly onTrouble: (error: unknown) => void;
  /** Ends a run after its current line. */
  readonly abort: AbortSignal;
}

/** The one verdict that may be going on at a time, and the latest standing of every line. */
export class VerdictBoard {
  readonly sections: readonly RequirementSection[];
  readonly #parts: VerdictBoardParts;
  readonly #verdicts = new Map<string, LineVerdict>();
  #asking: NowAsking | undefined;
  #away: string | undefined;
  #run: Promise<void> | undefined;

  constructor(parts: VerdictBoardParts) {
    this.#parts = parts;
    this.sections = parts.sections;
  }

  /** Begins to ask for these sections; does nothing while a run goes on. */
  start(sections: readonly RequirementSection[]): void {
    const lines = sections.flatMap((section) => section.lines);
    const [first] = lines;
    if (this.isRunning || first === undefined || this.#parts.abort.aborted) return;
    for (const { id } of lines) this.#verdicts.delete(id);
    this.#asking = { requirement: first, done: 0, of: lines.length };
    this.#run = this.#ask(sections)
      .catch(this.#parts.onTrouble)
      .finally(() => {
        this.#run = undefined;
        this.#asking = undefined;
      });
  }

  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  get asking(): NowAsking | undefined {
    return this.#asking;
  }

  /** Why the platform could not be asked, when that was last tried. */
  get away(): string | undefined {
    return this.#away;
  }

  /** The latest verdict on a line; what needs no asking stands from the beginning. */
  verdictOf(requirement: Requirement): LineVerdict | undefined {
    return this.#verdicts.get(requirement.id) ?? standingUnasked(requirement);
  }

  /** Resolves when nothing is being asked any more. */
  async settled(): Promise<void> {
    await this.#run;
  }

  async #ask(sections: readonly RequirementSection[]): Promise<void> {
    const { probes, openWorld, abort } = this.#parts;
    const world = await openWorld();
    this.#away = 'away' in world ? world.away : undefined;
    try {
      await runVerdict(
        { sections, probes, world },
        {
          begins: (requirement, done, of) => void (this.#asking = { requirement, done, of }),
          ends: (verdict) => void this.#verdicts.set(verdict.requirement.id, verdict),
        },
        abort,
      );
    } finally {
      if (!('away' in world)) await world.tidyUp();
    }
  }
}
