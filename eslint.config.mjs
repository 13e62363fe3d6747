// Linted are all projects at once (`npm test -- --only references,lint`) or one through Nx (`npx nx lint <project>`). Nx builds the project
// graph that the boundary rule reads; `references` does so too.
import { readCachedProjectGraph } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { apart, boundaryOf, depConstraints, holdfast, projectNames, unsafeSwitches } from './tools/eslint/index.ts';

// Without a graph the boundary rule prints a warning and lets everything pass: no graph, no lint.
try {
  readCachedProjectGraph();
} catch {
  throw new Error('The import rules need the project graph of Nx. Lint with `npx nx lint <project>`.');
}

const typescript = ['**/*.ts', '**/*.tsx'];
const tests = ['**/*.spec.ts', '**/*.spec.tsx', '**/testing/**/*.ts', 'apps/e2e/**/*.ts'];
const runnerConfig = ['**/vitest*.config.ts'];
const under = (root, patterns) => patterns.map((pattern) => `${root}/${pattern}`);

const clock = 'Time is an argument: take it from the Clock.';
const random = 'Randomness is an argument, and Math.random is none.';
const mathRandom = { object: 'Math', property: 'random', message: random };
const environment = {
  object: 'process',
  property: 'env',
  message: 'A process is told everything by its config file; the environment is not read.',
};

const style = [
  {
    files: typescript,
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'max-lines': ['error', 400],
      'max-lines-per-function': ['error', { max: 100, skipComments: true, skipBlankLines: true }],
      'no-restricted-properties': ['error', mathRandom],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allow: [{ from: 'package', package: 'node', name: ['URL', 'URLSearchParams'] }] },
      ],
      // Nest modules are classes that hold nothing but their decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // An async function without await keeps the promise in its signature, and a throw inside it a rejection.
      '@typescript-eslint/require-await': 'off',
      // Interfaces here are written as methods and taken apart; what uses `this` is a class with private fields.
      '@typescript-eslint/unbound-method': 'off',
      // Costly, and there is no enum and hardly a class with private state that could be imitated.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Numeric loops and indexes are read with `noUncheckedIndexedAccess`; the compiler already says what is unnecessary.
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
    },
  },
  {
    files: tests,
    rules: {
      'max-lines-per-function': 'off',
      // Tests forge what the types forbid, and read answers whose shape is the thing under test.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
    },
  },
  { files: ['tools/**/*.ts'], rules: { 'no-console': 'off' } },
  { files: runnerConfig, extends: [tseslint.configs.disableTypeChecked] },
];

/** Boundaries of one project: what its production code may import, and what its tests may import besides. */
function boundariesOf(name) {
  const { root, doors, testDoors, builtins } = boundaryOf(name);
  const nxBoundaries = (kind, allow = []) => [
    'error',
    { allow, banTransitiveDependencies: true, depConstraints: depConstraints(kind) },
  ];
  return [
    {
      files: under(root, typescript),
      rules: {
        '@nx/enforce-module-boundaries': nxBoundaries('production'),
        'holdfast/doors': ['error', { root, doors, builtins }],
      },
    },
    {
      files: root === 'apps/e2e' ? under(root, typescript) : under(root, tests),
      rules: {
        '@nx/enforce-module-boundaries': nxBoundaries('test'),
        'holdfast/doors': ['error', { root, doors: [...doors, ...testDoors], builtins: 'any' }],
      },
    },
    {
      files: under(root, runnerConfig),
      rules: {
        '@nx/enforce-module-boundaries': nxBoundaries('test', ['../../vitest.shared.ts', '../vitest.shared.ts']),
        'holdfast/doors': ['error', { root, doors: [], builtins: 'any', shared: ['vitest.shared.ts'] }],
      },
    },
  ];
}

const purity = [
  {
    files: ['libs/mtls/src/**/*.ts'],
    ignores: tests,
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'node:net',
              allowImportNames: ['isIP', 'isIPv4', 'isIPv6'],
              allowTypeImports: true,
              message: 'The sockets belong to host and rpc.',
            },
            {
              name: 'node:tls',
              importNames: ['connect', 'createServer'],
              message: 'The sockets belong to host and rpc.',
            },
          ],
        },
      ],
    },
  },
  {
    // One reader of configuration: everything a process is told stands in its config file.
    files: ['libs/*/src/**/*.{ts,tsx}', 'apps/*/src/**/*.{ts,tsx}'],
    // The lab's command line asks its terminal whether it wants colours (NO_COLOR).
    ignores: [...tests, 'apps/lab/src/main.ts'],
    rules: { 'no-restricted-properties': ['error', mathRandom, environment] },
  },
  {
    files: ['libs/fapi/src/**/*.ts'],
    ignores: tests,
    rules: {
      'no-restricted-globals': [
        'error',
        ...['process', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'fetch', 'crypto', 'navigator'].map(
          (name) => ({
            name,
            message: 'The engine reaches nothing outside itself: time, randomness and I/O are arguments.',
          }),
        ),
      ],
      'no-restricted-properties': [
        'error',
        mathRandom,
        environment,
        { object: 'Date', property: 'now', message: clock },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: clock },
        { selector: 'CallExpression[callee.name="Date"]', message: clock },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'node:crypto',
              importNames: [
                'default',
                'randomBytes',
                'randomFill',
                'randomFillSync',
                'randomInt',
                'randomUUID',
                'webcrypto',
              ],
              message: random,
            },
          ],
        },
      ],
    },
  },
];

export default defineConfig(
  { ignores: ['**/dist/**', '**/out-tsc/**', '**/test-results/**', '**/coverage/**', 'libs/rpc/src/gen/**'] },
  ...style,
  { files: typescript, plugins: { '@nx': nx, holdfast } },
  ...projectNames.flatMap(boundariesOf),
  ...purity,
  {
    files: typescript,
    rules: {
      'holdfast/no-cycle': 'error',
      'holdfast/reasoned-suppression': 'error',
      'holdfast/unsafe-switch': 'error',
    },
  },
  { files: apart.files, rules: { 'holdfast/stands-apart': ['error', { mayNotReach: apart.mayNotReach }] } },
  ...unsafeSwitches.map(({ files, allow }) => ({ files, rules: { 'holdfast/unsafe-switch': ['error', { allow }] } })),
);
