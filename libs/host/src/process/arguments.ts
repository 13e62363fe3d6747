import { parseArgs } from 'node:util';
import type { LogForm } from '../log/log.ts';
import { StartUpError } from './start-up-error.ts';

/** What a process can be told on its command line. */
export interface Arguments {
  readonly config: string;
  readonly home: string;
  readonly log: LogForm;
  readonly debug: boolean;
  readonly task: 'run' | 'check-config' | 'check-health';
}

const USAGE =
  'Allowed: --config <file>, --home <directory>, --log json|pretty, --debug, and one of --check-config, --check-health.';

/** @throws StartUpError naming what is allowed */
export function readArguments(name: string, args: readonly string[], terminal: boolean): Arguments {
  const values = parse(args);
  const log = values.log ?? (terminal ? 'pretty' : 'json');
  if (log !== 'json' && log !== 'pretty') throw new StartUpError(`--log ${log} is not a log form`, USAGE);
  if (values['check-config'] && values['check-health']) throw new StartUpError('two checks asked for at once', USAGE);
  return {
    config: values.config ?? `infra/config/local/${name}.json`,
    home: values.home ?? '.holdfast',
    log,
    debug: values.debug ?? false,
    task: values['check-config'] ? 'check-config' : values['check-health'] ? 'check-health' : 'run',
  };
}

function parse(args: readonly string[]) {
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
        'check-config': { type: 'boolean' },
        'check-health': { type: 'boolean' },
      },
    }).values;
  } catch (cause) {
    const [sentence = 'unreadable arguments'] = cause instanceof Error ? cause.message.split('. ') : [];
    throw new StartUpError(sentence, USAGE, { cause });
  }
}
