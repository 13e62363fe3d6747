import { styleText } from 'node:util';

/** What the lab prints to: a terminal, a pipe, or a test. */
export interface Terminal {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** In columns. */
  readonly width: number;
  readonly colours: boolean;
}

const NARROWEST = 40;
const WIDEST = 160;
const UNKNOWN = 100;

/** A stream of a process; a pipe says neither that it is a terminal nor how wide it is. */
interface Output {
  write(text: string): boolean;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** The terminal behind a stream. NO_COLOR is respected whatever its value, if it is not empty; a pipe never gets colours. */
export function terminalOf(stream: Output, environment: NodeJS.ProcessEnv): Terminal {
  const { isTTY: isTerminal = false } = stream;
  const wished = stream.columns ?? (Number(environment['COLUMNS']) || UNKNOWN);
  return {
    write: (text) => void stream.write(text),
    isTerminal,
    width: Math.min(WIDEST, Math.max(NARROWEST, wished)),
    colours: isTerminal && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb',
  };
}

export type Paint = (text: string) => string;

/** Colours by meaning. Every meaning is also written out in words, so nothing is lost without them. */
export interface Palette {
  readonly heading: Paint;
  readonly quiet: Paint;
  /** The attacker has won. */
  readonly stolen: Paint;
  readonly refused: Paint;
  readonly open: Paint;
}

export function paletteOf({ colours }: Pick<Terminal, 'colours'>): Palette {
  const paint = (...format: Extract<Parameters<typeof styleText>[0], readonly unknown[]>): Paint =>
    colours ? (text) => styleText(format, text, { validateStream: false }) : (text) => text;
  return {
    heading: paint('bold'),
    quiet: paint('dim'),
    stolen: paint('bold', 'red'),
    refused: paint('bold', 'green'),
    open: paint('bold', 'yellow'),
  };
}
