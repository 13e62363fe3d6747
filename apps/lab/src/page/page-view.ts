import type { Attack } from '../run/attack.ts';
import type { AttackResult } from '../run/run-attacks.ts';
import type { Language, Text } from '../run/text.ts';
import { say } from '../run/text.ts';
import type { NowExamining } from './clinic-board.ts';
import type { NowPlaying } from './run-board.ts';
import type { NowAsking } from './verdict-board.ts';

/** What a page shows, frozen at the moment it is made. */
export interface PageView {
  readonly language: Language;
  /** This page's path without query, for the language switch and for coming back after a button. */
  readonly path: string;
  readonly stylesheet: string;
  readonly playing: NowPlaying | undefined;
  /** Of the verdict. */
  readonly asking: NowAsking | undefined;
  /** Of the clinic. */
  readonly examining: NowExamining | undefined;
  readonly away: string | undefined;
  resultOf(attack: Attack): AttackResult | undefined;
}

/** One thing at a time: what an attack does would disturb what is asked. */
export const isBusy = ({ playing, asking, examining }: PageView): boolean =>
  playing !== undefined || asking !== undefined || examining !== undefined;

/** A path of the lab in the page's language, said in the address so that a link shows what its sender saw. */
export function link(view: Pick<PageView, 'language'>, path: string, language = view.language): string {
  return `${path}?lang=${language}`;
}

export const words = (view: Pick<PageView, 'language'>, text: Text): string => say(text, view.language);

export function attackPath(attack: Attack): string {
  return `/attacks/${attack.id.toLowerCase()}`;
}
