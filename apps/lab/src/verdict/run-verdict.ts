import type { Probe } from './probe.ts';
import type { Requirement, RequirementSection } from './requirement-list.ts';
import type { VerdictWorld } from './verdict-world.ts';

/**
 * How one line stands: `passed` and `failed` were seen on the running platform, `unclear` could not be asked, `tested` cannot
 * be asked from outside and is proven by tests, `open` is not built or not proven yet.
 */
export type Standing = 'passed' | 'failed' | 'unclear' | 'tested' | 'open';

export interface LineVerdict {
  readonly requirement: Requirement;
  readonly standing: Standing;
  /** Of a line that is asked. */
  readonly expected: string | undefined;
  readonly observed: string | undefined;
  readonly milliseconds: number;
}

/** Hears of every line as its turn comes. */
export interface VerdictAudience {
  begins?(requirement: Requirement, done: number, of: number): void;
  ends?(verdict: LineVerdict): void;
}

export interface VerdictRun {
  readonly verdicts: readonly LineVerdict[];
  /** 0 only when no line failed, none was unclear and none is open. */
  readonly exitCode: 0 | 1;
}

export interface VerdictPlan {
  readonly sections: readonly RequirementSection[];
  readonly probes: ReadonlyMap<string, Probe>;
  /** The platform, or why it cannot be asked. */
  readonly world: VerdictWorld | { readonly away: string };
}

/** Asks line after line. One after the other: some questions are about what two at the same time do. */
export async function runVerdict(
  { sections, probes, world }: VerdictPlan,
  audience: VerdictAudience = {},
  abort?: AbortSignal,
): Promise<VerdictRun> {
  const lines = sections.flatMap((section) => section.lines);
  const verdicts: LineVerdict[] = [];
  for (const requirement of lines) {
    if (abort?.aborted) break;
    audience.begins?.(requirement, verdicts.length, lines.length);
    const verdict = await judge(requirement, probes.get(requirement.id), world);
    verdicts.push(verdict);
    audience.ends?.(verdict);
  }
  const held = verdicts.every(({ standing }) => standing === 'passed' || standing === 'tested');
  return { verdicts, exitCode: held && verdicts.length === lines.length && lines.length > 0 ? 0 : 1 };
}

async function judge(
  requirement: Requirement,
  probe: Probe | undefined,
  world: VerdictPlan['world'],
): Promise<LineVerdict> {
  const unasked = standingUnasked(requirement);
  if (unasked !== undefined) return unasked;
  const began = performance.now();
  const told = (standing: Standing, observed: string): LineVerdict => ({
    requirement,
    standing,
    expected: probe?.expected,
    observed,
    milliseconds: Math.round(performance.now() - began),
  });
  if (probe === undefined) return told('unclear', 'nobody asks for this line');
  if ('away' in world) return told('unclear', world.away);
  try {
    const { held, observed } = await probe.ask(world);
    return told(held ? 'passed' : 'failed', observed);
  } catch (error) {
    return told('unclear', error instanceof Error ? error.message : String(error));
  }
}

/** The verdict on a line that nobody can ask for: proven by its tests, or not yet. Undefined for one that has to be asked. */
export function standingUnasked(requirement: Requirement): LineVerdict | undefined {
  if (requirement.proven && requirement.how === 'live') return undefined;
  const standing = requirement.proven ? 'tested' : 'open';
  return { requirement, standing, expected: undefined, observed: undefined, milliseconds: 0 };
}

/** How a run went, in numbers. */
export function countStandings(verdicts: readonly LineVerdict[]): Readonly<Record<Standing, number>> {
  const counts = { passed: 0, failed: 0, unclear: 0, tested: 0, open: 0 };
  for (const { standing } of verdicts) counts[standing] += 1;
  return counts;
}
