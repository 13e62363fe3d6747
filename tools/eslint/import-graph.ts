import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import ts from 'typescript';

export interface Import {
  readonly specifier: string;
  /** True when nothing of it is left at run time. */
  readonly typeOnly: boolean;
}

const parsed = new Map<string, { mtime: number; imports: readonly Import[] }>();

/** The static imports and re-exports of a file on disk; parsed once per change of the file. */
export function importsOf(file: string): readonly Import[] {
  const mtime = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (mtime === undefined) return [];
  const known = parsed.get(file);
  if (known?.mtime === mtime) return known.imports;
  const imports = readImports(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest));
  parsed.set(file, { mtime, imports });
  return imports;
}

function readImports(source: ts.SourceFile): readonly Import[] {
  return source.statements.flatMap((statement) => {
    if (ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier)) {
      const typeOnly = statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
      return [{ specifier: statement.moduleSpecifier.text, typeOnly }];
    }
    if (
      ts.isExportDeclaration(statement) &&
      statement.moduleSpecifier &&
      ts.isStringLiteral(statement.moduleSpecifier)
    ) {
      return [{ specifier: statement.moduleSpecifier.text, typeOnly: statement.isTypeOnly }];
    }
    return [];
  });
}

/** The file a relative import names. Imports carry their extension in this workspace, so there is nothing to guess. */
export function fileOf(importer: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const file = resolve(dirname(importer), specifier);
  return existsSync(file) ? file : undefined;
}

/**
 * The shortest chain of files from `start` on to one for which `found` holds, `start` first; undefined when none is reached.
 * Type-only imports are followed only when `types` says so.
 */
export function pathTo(
  start: string,
  found: (file: string, imports: readonly Import[]) => boolean,
  options: { readonly types: boolean },
): readonly string[] | undefined {
  const seen = new Set([start]);
  const queue: (readonly string[])[] = [[start]];
  for (let path = queue.shift(); path; path = queue.shift()) {
    const file = path.at(-1) ?? start;
    const imports = importsOf(file).filter((each) => options.types || !each.typeOnly);
    if (found(file, imports)) return path;
    for (const { specifier } of imports) {
      const next = fileOf(file, specifier);
      if (next === undefined || seen.has(next)) continue;
      seen.add(next);
      queue.push([...path, next]);
    }
  }
  return undefined;
}
