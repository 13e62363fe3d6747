import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

/**
 * CPU time a process has used so far, all its threads, in milliseconds. Linux tells it to the nanosecond for each thread; elsewhere,
 * or on a kernel that does not count so, `ps` tells hundredths of a second.
 */
export function cpuTimeOf(pid: number): number {
  return fromThreads(pid) ?? fromPs(pid);
}

function fromThreads(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const tasks = `/proc/${pid}/task`;
  const nanoseconds = readdirSync(tasks).map((thread) => {
    try {
      return Number(readFileSync(`${tasks}/${thread}/schedstat`, 'utf8').split(' ')[0]);
    } catch {
      return 0; // A kernel without this count, or a thread that has just ended.
    }
  });
  const sum = nanoseconds.reduce((total, each) => total + each, 0);
  return sum > 0 ? sum / 1e6 : undefined;
}

function fromPs(pid: number): number {
  return parsePsTime(execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' }));
}

/** `[[days-]hours:]minutes:seconds[.hundredths]` of `ps` as milliseconds. */
export function parsePsTime(text: string): number {
  const match = /^(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+(?:\.\d+)?)$/.exec(text.trim());
  if (match === null) throw new Error(`ps told no CPU time: ${text}`);
  const [days, hours, minutes, seconds] = match.slice(1).map((part: string | undefined) => Number(part ?? 0));
  return ((((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
}
