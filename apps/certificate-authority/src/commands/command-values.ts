/** What a command of this process is given beside its name: `--revoke=bank/api --reason=superseded`. */
export type CommandValues = ReadonlyMap<string, string>;

/** Commands that take a value, and values that go with a command. */
const VALUED = [
  'revoke',
  'reason',
  'enrolment-token',
  'begin-rotation',
  'advance-rotation',
  'abandon-rotation',
  'rotation-status',
];
/** What stands beside a command and names none. */
const BESIDE = ['reason', 'json', 'kind'];

/**
 * Takes the values out of a command line, because the commands of a process are plain flags.
 * @returns the command line without them, and the values by name
 */
export function takeValues(args: readonly string[]): {
  readonly args: readonly string[];
  readonly values: CommandValues;
} {
  const values = new Map<string, string>();
  const rest = args.flatMap((arg) => {
    const [, name = '', value = ''] = /^--([a-z-]+)(?:=(.*))?$/.exec(arg) ?? [];
    if (!VALUED.includes(name) && !BESIDE.includes(name)) return [arg];
    values.set(name, value);
    return BESIDE.includes(name) ? [] : [`--${name}`];
  });
  return { args: rest, values };
}
