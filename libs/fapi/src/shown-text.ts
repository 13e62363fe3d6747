/** Marks of writing direction, breaks of the line, what takes no place, what is no character: Unicode's own categories. */
const UNSHOWABLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/**
 * Whether a text looks on a page like what it is. A name that turns the line round, or has an invisible part, reads as
 * another name; and half a pair of UTF-16 becomes another character on its way into a token. Our choice, no clause.
 */
export const isShowable = (text: string): boolean => !UNSHOWABLE.test(text);
