// Plain JavaScript for whatever Node is on the machine (18 or newer), with nothing installed: installs what the lockfile says
// when it is not there yet, then runs a script of this folder on the Node that the workspace pins.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const OLDEST_BOOTSTRAP_NODE = 18;
const OLDEST_NODE = 24;
/** Where Node keeps what it has compiled, for the next command and for the processes of the platform. */
const compiled = join(root, 'node_modules/.cache/node');

/** Runs `tools/<script>` with these arguments and those of this command line; ends this process with its exit code. */
export function runPinned(script, ...before) {
  const major = Number.parseInt(process.versions.node, 10);
  if (major < OLDEST_BOOTSTRAP_NODE) {
    fail(
      `Node ${process.versions.node} is too old even to install.`,
      `Install Node ${OLDEST_NODE} (https://nodejs.org), then try again.`,
    );
  }
  if (!isInstalled()) install();
  const node = pinnedNode(major);
  const child = spawn(
    node,
    [
      '--conditions=@holdfast/source',
      '--disable-warning=ExperimentalWarning',
      join(root, 'tools', script),
      ...before,
      ...process.argv.slice(2),
    ],
    { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env: { NODE_COMPILE_CACHE: compiled, ...process.env } },
  );
  // The child decides when to stop; it gets every signal that we get, and hears of our death through the channel.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = signal ? 1 : (code ?? 1);
    if (child.connected) child.disconnect();
  });
}

/** Whether every package of the lockfile lies in node_modules in its version, and every project of the workspace is linked. */
function isInstalled() {
  const installed = readJson(join(root, 'node_modules/.package-lock.json'))?.packages;
  if (!installed) return false;
  const wanted = readJson(join(root, 'package-lock.json')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/')) return true;
    if (entry.link) return existsSync(join(root, path));
    return installed[path] ? installed[path].version === entry.version : entry.optional === true;
  });
}

function install() {
  const started = Date.now();
  console.error('Installing what the lockfile names (about half a minute, only when it changed) …');
  const underNpm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const [command, ...args] = [...underNpm, 'ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (error) fail(`npm could not be run: ${error.message}.`, 'Install npm, which comes with Node, then try again.');
  if (status !== 0) fail('npm ci failed; its words are above.', 'Mend that, then try again.');
  console.error(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
}

function pinnedNode(major) {
  const pinned = join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(pinned)) return pinned;
  if (major >= OLDEST_NODE) return process.execPath;
  return fail(
    `The pinned Node is missing from node_modules, and this one is ${process.versions.node}.`,
    `Its install script did not run: npm rebuild node. Or install Node ${OLDEST_NODE}.`,
  );
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function fail(problem, remedy) {
  console.error(`${problem}\n  → ${remedy}`);
  process.exit(1);
}
