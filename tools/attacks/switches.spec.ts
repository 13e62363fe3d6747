import { describe, expect, it } from 'vitest';
import { trackedFiles } from './tracked-files.ts';

// P16 and a part of G09 of docs/attacks.md: no switch weakens the verification of a peer. What stands in code the lint refuses
// (tools/eslint/rules/unsafe-switch.ts); here is what the lint does not read, and what is half of something.
const files = trackedFiles();

/** Ways to have a program believe anybody, each with a line it must catch. */
const SWITCHES: readonly (readonly [name: string, pattern: RegExp, sample: string])[] = [
  ['Node for a whole process', /NODE_TLS_REJECT_UNAUTHORI[ZS]ED/, 'ENV NODE_TLS_REJECT_UNAUTHORISED=0'],
  ['Node for one connection', /rejectUnauthorized["']?\s*[:=]\s*false/, '{ "rejectUnauthorized": false }'],
  ['Go and many a proxy', /insecure_?skip_?verify/i, 'insecureSkipVerify: true'],
  ['curl', /\bcurl\b[^\n]*\s(-[a-zA-Z]*k\b|--insecure\b|--proxy-insecure\b)/, 'curl -sk https://localhost'],
  ['wget', /--no-check-certificate/, 'wget --no-check-certificate https://localhost'],
  ['npm', /strict-?ssl["']?\s*[:=]\s*"?false/i, 'strict-ssl=false'],
  ['git', /sslVerify["']?\s*[:= ]\s*"?(false|0)|GIT_SSL_NO_VERIFY/i, 'git -c http.sslVerify=false clone'],
  ['Python', /PYTHONHTTPSVERIFY|verify\s*=\s*False/, 'requests.get(url, verify=False)'],
  ['PostgreSQL', /sslmode["']?\s*[:=]\s*"?(disable|allow|prefer|require)\b/i, 'sslmode=require'],
  ['gRPC without TLS', /create_?insecure|insecure_channel/i, 'credentials.createInsecure()'],
];

/** Code is judged by the lint; a decision may name what it decided against. */
const isElsewhere = (name: string): boolean => /\.(ts|tsx|mjs|js)$|^docs\/decisions\//.test(name);
const others = files.filter(({ name }) => !isElsewhere(name) && name !== 'package-lock.json');

describe('P16, a switch that lets anybody in', () => {
  it.each(SWITCHES)('of %s would be seen', (_name, pattern, sample) => {
    expect(sample).toMatch(pattern);
  });

  it.each(SWITCHES)('of %s is in no configuration, container, script or document', (_name, pattern) => {
    expect(others.length).toBeGreaterThan(100);
    expect(others.filter(({ text }) => pattern.test(text)).map(({ name }) => name)).toEqual([]);
  });

  it('is not half set: who asks for a certificate also says what becomes of it', () => {
    const asking = files.filter(({ name, text }) => /\.tsx?$/.test(name) && /\brequestCert: /.test(text));
    const production = asking.filter(({ name }) => !name.endsWith('.spec.ts') && !name.startsWith('tools/bench'));
    // The one table of the real listeners, and the control group, which shows what comes of forgetting.
    expect(
      production.map(({ name }) => name).filter((name) => !name.startsWith('apps/lab/src/control-group/')),
    ).toEqual(['libs/mtls/src/server-tls.ts']);
    for (const { name, text } of asking) expect(text, name).toMatch(/\brejectUnauthorized\b/);
  });

  it('is no callback that turns a refusal of OpenSSL into success', () => {
    const softened = /\bsetVerify|verifyCallback|X509_V_OK|checkServerIdentity:\s*\(\)\s*=>/;
    const real = files.filter(({ name }) => /^(apps|libs)\/.*\.tsx?$/.test(name) && !name.endsWith('.spec.ts'));
    expect(real.filter(({ text }) => softened.test(text)).map(({ name }) => name)).toEqual([]);
  });
});

describe('G09, the name that a gRPC server must have', () => {
  it('is nowhere replaced by another one, but by the attackers of the lab', () => {
    const override = files.filter(
      ({ name, text }) => /\.tsx?$/.test(name) && text.includes('ssl_target_name_override'),
    );
    expect(override.map(({ name }) => name).filter((name) => !name.startsWith('tools/attacks/'))).toEqual([
      'apps/lab/src/wire/grpc-call.ts',
    ]);
  });
});
