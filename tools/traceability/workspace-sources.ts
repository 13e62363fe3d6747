import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A file of the workspace, parsed. */
export interface Source {
  /** From the root of the workspace, with forward slashes. */
  readonly path: string;
  readonly parsed: ts.SourceFile;
}

const ABSENT = ['**/node_modules/**', '**/dist/**', '**/out-tsc/**', 'libs/rpc/src/gen/**'];
const TESTS = [
  '{apps,libs}/*/src/**/*.spec.{ts,tsx}',
  '{apps,libs}/*/src/testing/**/*.ts',
  'tools/client/**/*.spec.ts',
  'tools/client/testing/**/*.ts',
];
/** Tables of tests that lie beside the spec which runs them. */
const TABLES = ['tools/client/testing/faults/*.ts'];

/**
 * The code that enforces: libraries, applications and the bank client. The lab and the end-to-end suites stand outside
 * and enforce nothing.
 */
const CODE = [
  'libs/*/src/**/*.{ts,tsx}',
  'apps/{authorization-server,bank,fintech}/src/**/*.{ts,tsx}',
  'tools/client/**/*.ts',
];
const ENGINE = ['libs/fapi/src/**/*.ts'];

export interface WorkspaceSources {
  readonly code: readonly Source[];
  readonly tests: readonly Source[];
  readonly tables: readonly Source[];
  /** Production code of the protocol engine. */
  readonly engine: readonly Source[];
}

export function readSources(root: string): WorkspaceSources {
  const found = (patterns: readonly string[], without: readonly string[]): readonly Source[] =>
    globSync(patterns, { cwd: root, exclude: [...ABSENT, ...without] })
      .map((file) => file.replaceAll('\\', '/'))
      .sort()
      .map((path) => ({ path, parsed: parse(join(root, path)) }));
  return { code: found(CODE, TESTS), tests: found(TESTS, []), tables: found(TABLES, []), engine: found(ENGINE, TESTS) };
}

function parse(file: string): ts.SourceFile {
  const kind = file.endsWith('.tsx') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true, kind);
}
