import { parseArgs } from 'node:util';
import type { LogForm } from '../log/log.ts';
import { StartUpError } from './start-up-error.ts';

/** What a process can be told on its command line. */
export interface Arguments {
  readonly config: string;
  readonly home: string;
  readonly log: LogForm;
  readonly debug: boolean;
  /** `run`, a check, or the name of one of the process's own commands. */
  readonly task: string;
}

const CHECKS = ['check-config', 'check-health'];

/**
 * @param commands what this process can do besides running and being checked
 * @throws StartUpError naming what is allowed
 */
export function readArguments(
  name: string,
  args: readonly string[],
  terminal: boolean,
  commands: readonly string[] = [],
): Arguments {
  const tasks = [...CHECKS, ...commands];
  const usage = usageOf(tasks);
  const values = parse(args, tasks, usage);
  const log = values.log ?? (terminal ? 'pretty' : 'json');
  if (log !== 'json' && log !== 'pretty') throw new StartUpError(`--log ${log} is not a log form`, usage);
  const asked = tasks.filter((task) => (values as Record<string, unknown>)[task] === true);
  if (asked.length > 1) throw new StartUpError('two things asked for at once', usage);
  return {
    config: values.config ?? `infra/config/local/${name}.json`,
    home: values.home ?? '.holdfast',
    log,
    debug: values.debug ?? false,
    task: asked[0] ?? 'run',
  };
}

const usageOf = (tasks: readonly string[]): string =>
  `Allowed: --config <file>, --home <directory>, --log json|pretty, --debug, and one of ${tasks.map((it) => `--${it}`).join(', ')}.`;

function parse(args: readonly string[], tasks: readonly string[], usage: string) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        config: { type: 'string' },
        home: { type: 'string' },
        log: { type: 'string' },
        debug: { type: 'boolean' },
        ...Object.fromEntries(tasks.map((task) => [task, { type: 'boolean' as const }])),
      },
    }).values;
  } catch (cause) {
    const [sentence = 'unreadable arguments'] = cause instanceof Error ? cause.message.split('. ') : [];
    throw new StartUpError(sentence, usage, { cause });
  }
}
