import ts from 'typescript';
import { clausesIn } from './marks.ts';
import { commentsIn } from './code-comments.ts';

/** What is asked of the engine's code. Our choice, no clause. */
export const FLOORS = {
  /** Lines; nine functions of ten are no longer. */
  functionLines: 45,
  /** Clauses named in comments, per thousand lines. */
  clausesPerThousandLines: 6,
} as const;

export interface Measures {
  readonly files: number;
  readonly lines: number;
  readonly functionLinesP90: number;
  readonly clausesPerThousandLines: number;
}

/** Measures production code: how long its functions are, and how often it says where a rule comes from. */
export function measure(sources: readonly ts.SourceFile[]): Measures {
  const lines = sources.reduce((sum, source) => sum + source.getLineStarts().length - 1, 0);
  const clauses = sources.flatMap((source) => commentsIn(source).flatMap(clausesIn)).length;
  const lengths = sources.flatMap(functionLengths).sort((a, b) => a - b);
  return {
    files: sources.length,
    lines,
    functionLinesP90: lengths[Math.ceil(lengths.length * 0.9) - 1] ?? 0,
    clausesPerThousandLines: lines === 0 ? 0 : (clauses / lines) * 1000,
  };
}

/** Every function with a body of its own, from its first to its last line. */
function functionLengths(source: ts.SourceFile): readonly number[] {
  const lengths: number[] = [];
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined && ts.isBlock(node.body))
      lengths.push(lineOf(node.getEnd()) - lineOf(node.getStart(source)) + 1);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return lengths;
}
