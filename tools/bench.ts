import { benchmarkNames, loadBenchmark } from './bench/benchmark.ts';
import { PlatformTrouble, tellTrouble } from './platform/trouble.ts';
import { Progress } from './progress.ts';
import { onStop } from './start/stop-signals.ts';

const DEFAULT = 'cpu';

async function help(names: readonly string[]): Promise<void> {
  console.log('npm run bench -- [benchmark] [options]\n');
  for (const name of names) {
    const { summary, usage } = await loadBenchmark(name);
    console.log(`${name}${name === DEFAULT ? ' (when none is named)' : ''}: ${summary}\n${usage}`);
  }
}

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  const names = benchmarkNames();
  if (args.includes('--help') || args.includes('-h')) {
    await help(names);
    return 0;
  }
  const named = args[0]?.startsWith('-') === false ? args.shift() : undefined;
  const name = named ?? DEFAULT;
  if (!names.includes(name))
    throw new PlatformTrouble(`there is no benchmark ${name}`, `There are: ${names.join(', ')}. See --help.`);
  const { run } = await loadBenchmark(name);
  const stopping = new AbortController();
  onStop(
    () => stopping.abort(new PlatformTrouble('stopped before the end', 'Run it again for numbers.')),
    () => process.exit(1),
  );
  return run({ args, progress: new Progress(), signal: stopping.signal });
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    tellTrouble(error);
    process.exit(1);
  },
);
