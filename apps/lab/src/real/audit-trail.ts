import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Secret } from '../wire/secret.ts';

/** One line of an audit file, as far as the lab reads it. */
export interface AuditEvent {
  readonly action: string;
  readonly outcome: string;
  readonly reason?: string | undefined;
  readonly interaction?: string | undefined;
  readonly presentedThumbprint?: string | undefined;
  readonly expectedThumbprint?: string | undefined;
  /** Which process wrote it: the file's name without `.jsonl`. */
  readonly by: string;
  /** The whole line. */
  readonly line: string;
}

/** How long each audit file was at one moment. */
export type Mark = ReadonlyMap<string, number>;

export interface AuditTrail {
  mark(): Promise<Mark>;
  /** The first event written since `mark` that fits; waits a moment for writers that are behind. */
  find(mark: Mark, fits: (event: AuditEvent) => boolean): Promise<AuditEvent | undefined>;
  /** Names the place when a line written since `mark` holds one of the secrets. */
  leakSince(mark: Mark, secrets: Iterable<Secret>): Promise<string | undefined>;
}

const PATIENCE_MS = 3_000;
const GLANCE_MS = 25;

/** Reads the audit files of the real platform, as its operator would: `<home>/audit/*.jsonl`. */
export function auditTrail(folder: string): AuditTrail {
  return {
    mark: () => lengths(folder),
    async find(mark, fits) {
      const until = Date.now() + PATIENCE_MS;
      let found = await firstSince(folder, mark, fits);
      while (found === undefined && Date.now() < until) {
        await pause(GLANCE_MS);
        found = await firstSince(folder, mark, fits);
      }
      return found;
    },
    async leakSince(mark, secrets) {
      const needles = [...secrets].map((secret) => secret.reveal()).filter((value) => value.length >= 8);
      for (const { by, line } of await linesSince(folder, mark)) {
        // The tail of a token is its signature: unique, and what somebody who "only logs the end" would log.
        if (needles.some((needle) => line.includes(needle) || line.includes(needle.slice(-32)))) return `${by}.jsonl`;
      }
      return undefined;
    },
  };
}

async function firstSince(
  folder: string,
  mark: Mark,
  fits: (event: AuditEvent) => boolean,
): Promise<AuditEvent | undefined> {
  const lines = await linesSince(folder, mark);
  return lines.map(readEvent).find((event) => event !== undefined && fits(event));
}

async function lengths(folder: string): Promise<Mark> {
  const sizes = new Map<string, number>();
  for (const name of await auditFiles(folder)) sizes.set(name, (await stat(join(folder, name))).size);
  return sizes;
}

async function linesSince(folder: string, mark: Mark): Promise<{ by: string; line: string }[]> {
  const lines: { by: string; line: string }[] = [];
  for (const name of await auditFiles(folder)) {
    const text = await readFrom(join(folder, name), mark.get(name) ?? 0);
    const by = name.replace(/\.jsonl$/, '');
    for (const line of text.split('\n')) if (line !== '') lines.push({ by, line });
  }
  return lines;
}

async function auditFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith('.jsonl'));
}

async function readFrom(file: string, offset: number): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    // A file shorter than it was has been replaced, by a restart or a reset: then all of it is new.
    const from = size < offset ? 0 : offset;
    const buffer = Buffer.alloc(size - from);
    await handle.read(buffer, 0, buffer.length, from);
    return buffer.toString('utf8');
  } finally {
    await handle.close();
  }
}

function readEvent({ by, line }: { by: string; line: string }): AuditEvent | undefined {
  try {
    const value = JSON.parse(line) as Record<string, unknown>;
    const evidence = (value['evidence'] ?? {}) as Record<string, unknown>;
    const text = (name: string): string | undefined => {
      const found = value[name] ?? evidence[name];
      return typeof found === 'string' ? found : undefined;
    };
    return {
      action: text('action') ?? '',
      outcome: text('outcome') ?? '',
      reason: text('reason'),
      interaction: text('interaction'),
      presentedThumbprint: text('presentedThumbprint'),
      expectedThumbprint: text('expectedThumbprint'),
      by,
      line,
    };
  } catch {
    // A half-written last line; the next glance will see the whole.
    return undefined;
  }
}
