import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Client } from './client.ts';

/** A server under measurement, as a scenario sees it. */
export interface Contender {
  readonly name: ContenderName;
  readonly client: Client;
  /** A resource for which this server issues tokens that it can introspect, where those are not all of them. */
  readonly introspectableResource?: string;
}

export const contenderNames = ['holdfast', 'bare', 'oidc-provider'] as const;
export type ContenderName = (typeof contenderNames)[number];

/** One operation whose cost is measured; `lane` tells apart those that run at the same time. */
export type Operation = (lane: number) => Promise<unknown>;

/** Why a server cannot play a scenario. */
export class NotOffered extends Error {}

/** A file of the folder `scenarios`, which exports it as `scenario`. */
export interface Scenario {
  readonly title: string;
  /** Operations of one slice. */
  readonly operations: number;
  /**
   * Operations before the first slice that counts. After some twenty thousand requests V8 compiles a hundred functions once more,
   * and has the cost of a server doubled for a few seconds; a warm-up that ends there measures the compiler.
   */
  readonly warmUp: number;
  /** What must be known to read the numbers: what is not alike. */
  readonly notes: readonly string[];
  /**
   * Makes ready whatever one operation needs: tokens, sessions.
   * @throws NotOffered
   */
  prepare(contender: Contender, lanes: number): Promise<Operation>;
}

export interface NamedScenario extends Scenario {
  /** Its file name. */
  readonly name: string;
}

const folder = join(import.meta.dirname, 'scenarios');

/** Every scenario of the folder, in the order of its names. */
export async function loadScenarios(): Promise<readonly NamedScenario[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'));
  return Promise.all(
    files.toSorted().map(async (file) => {
      const { scenario } = (await import(pathToFileURL(join(folder, file)).href)) as { scenario: Scenario };
      return { ...scenario, name: basename(file, '.ts') };
    }),
  );
}
