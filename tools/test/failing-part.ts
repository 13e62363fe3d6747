import { stripVTControlCharacters } from 'node:util';

const SHOWN_LINES = 150;

/**
 * What a person needs of a failed step: of an Nx run the output of the tasks that failed, of anything else all of it; the end of
 * it, when it is long.
 */
export function failingPart(output: string): string {
  const lines = stripVTControlCharacters(output).trimEnd().split('\n');
  const failed = new Set(lines.flatMap((line) => /^- ([\w-]+:[\w-]+)$/.exec(line.trim())?.[1] ?? []));
  const shown = failed.size === 0 ? lines : lines.filter(inTasks(failed));
  return shown
    .filter((line) => line.trim() !== '')
    .slice(-SHOWN_LINES)
    .map((line) => `    ${line}`)
    .join('\n');
}

/**
 * Nx writes `> nx run <project>:<target>` above the output of each task; where tasks stream, two at once, `<project>: ` before
 * each line of them instead.
 */
function inTasks(wanted: ReadonlySet<string>): (line: string) => boolean {
  const projects = new Set([...wanted].map((task) => task.split(':')[0]));
  let task = '';
  return (line) => {
    const streamed = /^([\w-]+): /.exec(line)?.[1];
    if (streamed !== undefined && projects.has(streamed)) return true;
    task = /^> nx run ([\w-]+:[\w-]+)/.exec(line)?.[1] ?? (/^\s*NX\s/.test(line) ? '' : task);
    return wanted.has(task);
  };
}
