import ts from 'typescript';

/** The comments of a source file, each as it is written, joined where lines of `//` follow each other. */
export function commentsIn(source: ts.SourceFile): readonly string[] {
  const text = source.getFullText();
  const ranges = new Map<number, ts.CommentRange>();
  const visit = (node: ts.Node): void => {
    // Text between JSX tags is text, whatever it looks like.
    if (node.kind === ts.SyntaxKind.JsxText) return;
    for (const range of ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []) ranges.set(range.pos, range);
    for (const range of ts.getTrailingCommentRanges(text, node.getEnd()) ?? []) ranges.set(range.pos, range);
    node.getChildren(source).forEach(visit);
  };
  visit(source);
  const sorted = [...ranges.values()].sort((a, b) => a.pos - b.pos);
  return joined(sorted, text);
}

function joined(ranges: readonly ts.CommentRange[], text: string): readonly string[] {
  const comments: string[] = [];
  let end = -1;
  for (const range of ranges) {
    const words = text.slice(range.pos, range.end);
    const follows = words.startsWith('//') && end >= 0 && /^\s*$/.test(text.slice(end, range.pos));
    if (follows && comments.length > 0) comments.push(`${comments.pop() ?? ''} ${words}`);
    else comments.push(words);
    end = words.startsWith('//') ? range.end : -1;
  }
  return comments;
}
