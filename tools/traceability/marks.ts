/**
 * What a comment or a title says about where a rule comes from: clauses of specifications, and lines of our own list of
 * requirements.
 */
export interface Marks {
  /** `RFC9126-2.2` */
  readonly clauses: readonly string[];
  /** `PAR-02` */
  readonly lines: readonly string[];
}

/** A line of ours: a short name of its section and two digits. GM is the short name of a specification. */
export const LINE = /^(?!GM-)[A-Z]{2,4}-\d{2}$/;

const CLAUSE =
  /(?<![\w-])(?:RFC\d+|FAPI[A-Z\d]*(?:-[A-Z]+)+|FAPI\d?|OIDC(?:-[A-Z]+)?|CIBA(?:-[A-Z]+)?|OAUTH(?:-[A-Z]+)+|JARM|GM)-(?:\d[\d.]*|[A-F](?![A-Za-z])[\d.]*)(?:-\d+)?/g;

/** Every clause of a text, wherever it stands; a full stop behind a clause is not part of it. */
export function clausesIn(text: string): readonly string[] {
  const found = [...text.matchAll(CLAUSE)].map(([clause]) => clause.replace(/\.+$/, ''));
  return [...new Set(found)].filter((clause) => !LINE.test(clause));
}

/** A comment may mention clauses anywhere; our own lines stand in brackets. */
export function marksOfComment(text: string): Marks {
  return { clauses: clausesIn(text), lines: bracketed(text).filter((mark) => LINE.test(mark)) };
}

/** In a title every mark stands in brackets; anything else in there that looks like a mark is a mistake, and returned as one. */
export function marksOfTitle(title: string): Marks & { readonly odd: readonly string[] } {
  const marks = bracketed(title).filter((mark) => MARK.test(mark) && !mark.startsWith('CVE-'));
  const lines = marks.filter((mark) => LINE.test(mark));
  const clauses = marks.filter((mark) => !LINE.test(mark) && clausesIn(mark)[0] === mark);
  return { clauses, lines, odd: marks.filter((mark) => !lines.includes(mark) && !clauses.includes(mark)) };
}

/** Capital letters, and something behind a hyphen. A CVE names a weakness, and no rule. */
const MARK = /^[A-Z][A-Z\d]*(?:-[A-Z\d.]+)+$/;

function bracketed(text: string): readonly string[] {
  const marks = [...text.matchAll(/\[([^[\]]+)\]/g)].flatMap(([, inside = '']) => inside.split(/[\s,]+/));
  return [...new Set(marks)];
}
