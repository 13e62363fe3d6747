import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { defineConfig } from 'vitest/config';
import type { Reporter, TestCase } from 'vitest/node';
import { vitestConfig } from '../../vitest.shared.ts';
import { workspaceRoot } from '../workspace.ts';
import type { PropertyResult, RoundOrder } from './round.ts';

// Everything the launcher wants of this round, in one variable, because Vitest passes no arguments on to its configuration.
const { include, ...properties } = JSON.parse(process.env.HOLDFAST_FUZZ ?? '{}') as RoundOrder;

/** Tells the launcher of each property, one line of JSON on standard output. */
const toLauncher: Reporter = {
  onTestCaseResult(test) {
    if (test.result().state !== 'skipped') tell(resultOf(test));
  },
  onTestRunEnd(modules, unhandled) {
    for (const module of modules)
      for (const { message } of module.errors()) tell({ file: fileOf(module.moduleId), failure: message });
    for (const { message } of unhandled) tell({ file: 'no file', failure: message });
  },
};

function resultOf(test: TestCase): PropertyResult {
  const { state, errors } = test.result();
  const failure = state === 'failed' ? { failure: errors?.[0]?.message ?? 'no reason was given' } : {};
  return { file: fileOf(test.module.moduleId), title: test.fullName, ...test.meta().property, ...failure };
}

function tell(result: PropertyResult): void {
  const failure = result.failure === undefined ? {} : { failure: stripVTControlCharacters(result.failure) };
  process.stdout.write(`${JSON.stringify({ ...result, ...failure })}\n`);
}

const fileOf = (module: string): string => relative(workspaceRoot, module);

const everyProject = vitestConfig(import.meta.url);

export default defineConfig({
  ...everyProject,
  root: workspaceRoot,
  test: {
    ...everyProject.test,
    include: [...include],
    provide: { properties },
    reporters: [toLauncher],
    // A counterexample is made smaller for as long as that takes; only a test that hangs is ended.
    testTimeout: 600_000,
  },
});
