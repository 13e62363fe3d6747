import { readdirSync, readFileSync } from 'node:fs';

/** The processes that run on this home, as Linux lists them. */
export function processesOf(home: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandLineOf(pid).includes(`--home\0${home}\0`));
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // It has ended meanwhile.
  }
}
