/** A node of a V8 CPU profile: a function at its place in the tree of calls. */
export interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

/** A V8 CPU profile, as `.cpuprofile` files hold it. Times are microseconds. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Whose code had the thread, and for which part of the time that it was not idle. */
export interface Share {
  readonly owner: string;
  readonly part: number;
}

/**
 * Whose code the time went to, the greatest part first. Native code counts for the script that called it, with its name in
 * brackets. V8 looks at the clock and not at the CPU: a thread that waits for the disk, or for its turn, counts as busy.
 */
export function sharesOf({ nodes, samples, timeDeltas }: CpuProfile): readonly Share[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const times = new Map<string, number>();
  let busy = 0;
  samples.forEach((id, index) => {
    const time = timeDeltas[index] ?? 0;
    if (byId.get(id)?.callFrame.functionName === '(idle)') return;
    const owner = ownerOf(id, byId, parents);
    busy += time;
    times.set(owner, (times.get(owner) ?? 0) + time);
  });
  return [...times]
    .map(([owner, time]) => ({ owner, part: busy === 0 ? 0 : time / busy }))
    .toSorted((a, b) => b.part - a.part);
}

function ownerOf(sample: number, byId: ReadonlyMap<number, ProfileNode>, parents: ReadonlyMap<number, number>): string {
  const native = byId.get(sample)?.callFrame.functionName ?? '';
  for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
    const { url } = byId.get(id)?.callFrame ?? { url: '' };
    if (url !== '') return id === sample ? scriptOf(url) : `${scriptOf(url)} [${native}]`;
  }
  return native;
}

/** `fastify`, `libs/host`, `node:http`: the package, the project, or the part of Node that a script belongs to. */
function scriptOf(url: string): string {
  const [, npm] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  const [, project] = /\/((?:libs|apps)\/[^/]+)\/(?:dist|src)\//.exec(url) ?? [];
  const [, node] = /^node:(?:internal\/)?([a-z0-9_]+)/.exec(url) ?? [];
  return npm ?? project ?? (node === undefined ? url : `node:${node}`);
}
