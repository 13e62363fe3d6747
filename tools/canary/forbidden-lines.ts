import type { ProjectName } from '../eslint/boundaries.ts';

/** One forbidden line, and the rule that must report it. */
export interface Planted {
  readonly project: ProjectName;
  /** Folder inside the project; `src` when absent. */
  readonly folder?: string;
  readonly code: string;
  /** Undefined for a line that is allowed: a rule that reports everything proves nothing. */
  readonly rule: string | undefined;
}

const nx = '@nx/enforce-module-boundaries';
const doors = 'holdfast/doors';
const apart = 'holdfast/stands-apart';
const unsafe = 'holdfast/unsafe-switch';

/** Name of every planted file; a leftover of a killed run is found by it. */
export const plantedName = 'boundary-canary.planted.ts';
/** The second file of the circle. */
export const circleName = 'boundary-canary-circle.planted.ts';

const forbid = (project: ProjectName, rule: string, modules: readonly string[], folder?: string): readonly Planted[] =>
  modules.map((module) => ({ project, rule, code: `import '${module}';`, ...(folder !== undefined && { folder }) }));
const allow = (project: ProjectName, modules: readonly string[]): readonly Planted[] =>
  modules.map((module) => ({ project, rule: undefined, code: `import '${module}';` }));
const line = (project: ProjectName, rule: string, code: string): Planted => ({ project, rule, code });

/** One of each kind of what the architecture forbids, row by row of its table, and a few of what it allows. */
export const planted: readonly Planted[] = [
  ...forbid('mtls', nx, ['@nestjs/common', '@grpc/grpc-js', 'jose', 'fastify', '@holdfast/fapi']),
  ...forbid('mtls', doors, ['node:http', 'node:https', 'node:dgram', 'node:child_process']),
  line('mtls', '@typescript-eslint/no-restricted-imports', `import { connect } from 'node:tls';\nconnect({});`),
  line('mtls', '@typescript-eslint/no-restricted-imports', `import { createServer } from 'node:net';\ncreateServer();`),
  line('mtls', 'no-restricted-properties', `console.error(process.env.HOME);`),
  ...allow('mtls', ['node-forge', 'node:crypto']),

  ...forbid('fapi', nx, [
    '@nestjs/common',
    'fastify',
    '@grpc/grpc-js',
    'kysely',
    'zod',
    '@holdfast/host',
    '@holdfast/store',
  ]),
  ...forbid('fapi', nx, ['../../mtls/src/thumbprint.ts']),
  ...forbid('fapi', doors, ['node:fs', 'node:net', 'node:http', 'node:process', '@holdfast/mtls/testing']),
  ...forbid('fapi', doors, ['@holdfast/mtls/src/thumbprint.ts', '../../../vitest.shared.ts']),
  line('fapi', doors, `import fileSystem = require('fs');\nvoid fileSystem;`),
  line('fapi', doors, `export type Hidden = import('@holdfast/rpc').RpcServer;`),
  line('fapi', 'no-restricted-imports', `import { randomBytes } from 'node:crypto';\nrandomBytes(1);`),
  line('fapi', 'no-restricted-properties', `Date.now();`),
  line('fapi', 'no-restricted-properties', `Math.random();`),
  line('fapi', 'no-restricted-syntax', `void new Date();`),
  line('fapi', 'no-restricted-globals', `process.exit();`),
  line('fapi', 'no-restricted-globals', `void fetch('https://auth.localhost:9443');`),
  ...allow('fapi', ['jose', 'node:crypto', '@holdfast/mtls']),

  ...forbid('pki', nx, ['@nestjs/common', 'node-forge', 'jose', '@holdfast/host', '@holdfast/store', '@holdfast/rpc']),
  ...forbid('pki', doors, ['node:http', 'node:net', 'node:child_process', '@holdfast/mtls/testing']),
  ...allow('pki', ['@holdfast/mtls/authority', 'yaml', 'node:fs']),

  ...forbid('rpc', nx, ['@nestjs/common', '@nestjs/core', '@holdfast/fapi', '@holdfast/host']),
  ...allow('rpc', ['@grpc/grpc-js', '@holdfast/mtls']),

  ...forbid('store', nx, ['@nestjs/common', 'jose', '@holdfast/fapi', '@holdfast/mtls']),
  ...allow('store', ['kysely', 'node:sqlite']),

  ...forbid('host', nx, ['@holdfast/rpc', '@holdfast/store', '@holdfast/bank', 'kysely']),
  ...forbid('host', doors, ['@holdfast/fapi/as', '@holdfast/fapi/rs']),
  ...allow('host', ['@holdfast/fapi', '@nestjs/common']),

  ...forbid('authorization-server', nx, ['@holdfast/bank', '@holdfast/fintech', 'openid-client', '@grpc/grpc-js']),
  ...forbid('authorization-server', doors, ['@holdfast/fapi/rs', '@holdfast/mtls/testing']),
  line('authorization-server', 'no-restricted-properties', `process.stdout.write(String(process.env.HOME));`),
  ...allow('authorization-server', ['@holdfast/fapi/as', '@holdfast/rpc', '@holdfast/store']),

  ...forbid('certificate-authority', nx, ['jose', 'node-forge', '@grpc/grpc-js', 'undici', '../../bank/src/bank.ts']),
  ...forbid('certificate-authority', doors, ['@holdfast/rpc/bank', '@holdfast/fapi/as', '@holdfast/mtls/testing']),
  ...allow('certificate-authority', ['@holdfast/pki', '@holdfast/mtls/authority', '@holdfast/rpc/authority']),

  ...forbid('bank', nx, ['@holdfast/authorization-server', 'openid-client', '@grpc/grpc-js', 'jose']),
  ...forbid('bank', doors, ['@holdfast/fapi/as']),
  line('bank', unsafe, `export const trusting = { rejectUnauthorized: false };`),
  line('bank', unsafe, `process.title = 'NODE_TLS_REJECT_UNAUTHORIZED';`),
  line('bank', unsafe, `export const nameless = { checkServerIdentity: () => undefined };`),
  line('bank', unsafe, `export const open = { createInsecure: (): void => undefined };\nopen.createInsecure();`),
  line('bank', 'no-restricted-properties', `process.stdout.write(String(Math.random()));`),
  line('bank', 'holdfast/no-cycle', `import './${circleName}';`),
  line('bank', 'holdfast/reasoned-suppression', `process.stdout.write(''); // eslint-disable-line`),
  ...allow('bank', ['@holdfast/fapi/rs', '@holdfast/rpc/bank', '@holdfast/store']),

  ...forbid('fintech', nx, ['@holdfast/fapi', '@holdfast/rpc', '@holdfast/bank', 'jose']),
  ...allow('fintech', ['openid-client', '@holdfast/host']),

  ...forbid('lab', nx, ['@holdfast/fapi', '@holdfast/store', '@holdfast/rpc', '@holdfast/bank']),
  ...allow('lab', ['@holdfast/host', '@holdfast/mtls']),
  ...forbid('lab', apart, ['@holdfast/host', '@holdfast/fapi', `../${plantedName}`], 'src/attacks'),
  ...forbid('lab', apart, ['@holdfast/host', `../${plantedName}`], 'src/control-group'),

  ...forbid('e2e', nx, ['@holdfast/fapi', '@holdfast/rpc', '@holdfast/host', '@holdfast/bank']),
  ...forbid('e2e', doors, ['@holdfast/mtls/clinic', '../../../tools/platform/index.ts']),
  ...allow('e2e', ['@holdfast/mtls/testing', '@holdfast/tools/platform', 'openid-client']),

  ...forbid('tools', nx, ['@holdfast/host', '@holdfast/fapi', 'hono']),
];

/** Where a planted line goes, relative to the root of its project. */
export function fileOf({ project, folder }: Planted): string {
  return `${folder ?? (project === 'tools' ? 'canary' : 'src')}/${plantedName}`;
}
