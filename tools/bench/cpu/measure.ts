import type { RunningContender } from './contenders.ts';
import type { ContenderName, NamedScenario, Operation } from './scenario.ts';
import { NotOffered } from './scenario.ts';

export interface Effort {
  /** Slices of each contender. */
  readonly rounds: number;
  /** Operations at the same time, each over a connection of its own. */
  readonly lanes: number;
  /** Multiplies the operations of a slice. */
  readonly scale: number;
}

/** CPU milliseconds of the server for one operation, one number for each round. */
export type Costs = ReadonlyMap<ContenderName, readonly number[]>;

/** What came of a scenario: costs, and who did not take part for which reason. */
export interface Measured {
  readonly costs: Costs;
  readonly absent: ReadonlyMap<ContenderName, string>;
}

/** Operations of each lane before a slice is counted: its connection is open by then. */
const OPENING = 3;

/** A contender with the operation it is asked for. */
export interface Player {
  readonly contender: RunningContender;
  /** Slices that do not count. */
  readonly warmUp: number;
  /** Plays one slice. @returns CPU milliseconds for one operation */
  slice(): Promise<number>;
}

/**
 * Plays one scenario on every contender in turns.
 * @throws when any operation is answered otherwise than expected: the numbers of a broken run are worth nothing
 */
export async function measure(
  scenario: NamedScenario,
  contenders: Iterable<RunningContender>,
  effort: Effort,
  signal: AbortSignal,
): Promise<Measured> {
  const { players, absent } = await prepare(scenario, contenders, effort, signal);
  // A comparison without the one that is compared is none.
  if (absent.has('holdfast')) return { costs: new Map(), absent };
  const costs = new Map(players.map(({ contender }) => [contender.name, [] as number[]]));
  await warmUp(players);
  for (let round = 0; round < effort.rounds; round++)
    for (const { contender, slice } of inTurns(players, round)) costs.get(contender.name)?.push(await slice());
  return { costs, absent };
}

/** Makes every contender ready for a scenario, as far as it offers what that needs. */
export async function prepare(
  scenario: NamedScenario,
  contenders: Iterable<RunningContender>,
  { lanes, scale }: Effort,
  signal: AbortSignal,
): Promise<{ players: readonly Player[]; absent: ReadonlyMap<ContenderName, string> }> {
  const operations = Math.max(lanes, Math.round(scenario.operations * scale));
  const warmUp = Math.ceil(scenario.warmUp / scenario.operations);
  const absent = new Map<ContenderName, string>();
  const players: Player[] = [];
  for (const contender of contenders) {
    try {
      contender.hangUp();
      const operation = await scenario.prepare(contender, lanes);
      const play = (count: number): Promise<void> => inLanes(operation, count, lanes, signal);
      players.push({ contender, warmUp, slice: () => cost(contender, play, operations, lanes) });
    } catch (error) {
      if (!(error instanceof NotOffered)) throw error;
      absent.set(contender.name, error.message);
    }
  }
  return { players, absent };
}

/** Until V8 has compiled what is hot, as it has in a server that has run for a while. */
export async function warmUp(players: readonly Player[]): Promise<void> {
  for (const { warmUp, slice } of players) for (let count = 0; count < warmUp; count++) await slice();
}

/**
 * The order of a round. Short slices in turns, so that a noisy minute of the machine hits all; every other round backwards, so
 * that nobody always comes first when the machine becomes slower, or always right after the same other one.
 */
export const inTurns = <T>(players: readonly T[], round: number): readonly T[] =>
  round % 2 === 0 ? players : players.toReversed();

async function cost(
  contender: RunningContender,
  play: (operations: number) => Promise<void>,
  operations: number,
  lanes: number,
): Promise<number> {
  contender.hangUp();
  await play(lanes * OPENING);
  const before = contender.cpuTime();
  await play(operations);
  return (contender.cpuTime() - before) / operations;
}

/** So many operations, `lanes` of them at a time. */
async function inLanes(operation: Operation, operations: number, lanes: number, signal: AbortSignal): Promise<void> {
  let left = operations;
  const lane = async (_: unknown, index: number): Promise<void> => {
    while (left-- > 0) {
      signal.throwIfAborted();
      await operation(index);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
