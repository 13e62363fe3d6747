import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { throwAwayPki } from '@holdfast/mtls/testing';
import type { DynamicModule, Type } from '@nestjs/common';
import { afterEach } from 'vitest';
import type { LogOptions } from '../log/log.ts';
import { createLogger } from '../log/log.ts';
import type { ListenerOptions, RunningListener } from '../listener/listener-options.ts';
import { startListener } from '../listener/start-listener.ts';
import type { OwnedContext } from '../process/context.ts';
import { createContext } from '../process/context.ts';

/** One PKI for a test file: making one is the slow part. */
export const pki = throwAwayPki();

/** A listener under test, with everything it wrote down. */
export interface Door {
  readonly listener: RunningListener;
  readonly port: number;
  readonly ctx: OwnedContext<unknown>;
  /** Log lines as written. */
  readonly log: string[];
  /** Audit events as written. */
  audit(): Record<string, unknown>[];
}

type Wish = Partial<ListenerOptions> & { readonly controllers: Type[] };

const open = new Set<() => Promise<void>>();

afterEach(async () => {
  await Promise.all([...open].map((close) => close()));
});

/** Starts an `mtls` listener on a free port for one test; it is closed, and searched for forgotten connections, after it. */
export async function openDoor({ controllers, ...wish }: Wish): Promise<Door> {
  const { ctx, log, home } = contextForTest();
  const options = listenerOptions(ctx, controllers, wish);
  const listener = await startListener(options);
  const close = async (): Promise<void> => {
    open.delete(close);
    await listener.close();
    ctx.release();
    rmSync(home, { recursive: true });
  };
  open.add(close);
  const audit = (): Record<string, unknown>[] => readLines(join(home, 'audit/test.jsonl'));
  return { listener, port: listener.port, ctx, log, audit };
}

class TestModule {
  readonly purpose = 'something to hang controllers on';
}

/** The options of a listener that has nothing special about it. */
export function listenerOptions(
  ctx: OwnedContext<unknown>,
  controllers: Type[],
  wish: Partial<ListenerOptions> = {},
): ListenerOptions {
  const module: DynamicModule = { module: TestModule, controllers };
  const name = wish.name ?? 'mtls';
  const asks = name === 'mtls' || name === 'api';
  const identity = wish.identity ?? pki.identity(asks ? 'authorization-server/mtls' : 'authorization-server/browser');
  const limits = { lameDuck: 0, drainIdle: 50, drain: 1_000, ...wish.limits };
  const address = { host: '127.0.0.1', port: 0 };
  const clients = asks ? { clients: pki.door('participants') } : {};
  return { name, module, identity, address, exposure: {}, ctx, ...clients, ...wish, limits };
}

export function contextForTest(options: Partial<LogOptions> = {}): {
  ctx: OwnedContext<unknown>;
  log: string[];
  home: string;
} {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-host-'));
  const log: string[] = [];
  const logger = createLogger({ name: 'test', level: 'debug', write: (line) => void log.push(line), ...options });
  return { ctx: createContext({ name: 'test', config: {}, home, log: logger }), log, home };
}

function readLines(file: string): Record<string, unknown>[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
