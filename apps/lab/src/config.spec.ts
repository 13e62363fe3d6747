import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LabSetupError, readLabConfig } from './config.ts';

const LOCAL = new URL('../../../infra/config/local/lab.json', import.meta.url).pathname;

function written(change: (config: Record<string, unknown>) => void): string {
  const config = JSON.parse(readFileSync(LOCAL, 'utf8')) as Record<string, unknown>;
  change(config);
  const file = join(mkdtempSync(join(tmpdir(), 'lab-config-')), 'lab.json');
  writeFileSync(file, JSON.stringify(config));
  return file;
}

describe('the configuration of the lab', () => {
  it.each<[string, (config: Record<string, unknown>) => void]>([
    ['an unknown key', (config) => (config['insecure'] = true)],
    ['a missing key', (config) => delete config['authority']],
    ['an issuer without TLS', (config) => (config['issuer'] = 'http://auth.localhost:9443')],
    ['an origin with a path', (config) => (config['origin'] = 'https://lab.localhost:9743/x')],
    ['a way to resolve names that nobody knows', (config) => (config['names'] = 'guess')],
  ])('refuses %s', (_what, change) => {
    expect(() => readLabConfig(written(change))).toThrow(LabSetupError);
  });

  it('refuses a file that is not there or not JSON, and says what to do', () => {
    expect(() => readLabConfig('/no/such/file.json')).toThrow(/cannot be read/);
    const file = join(mkdtempSync(join(tmpdir(), 'lab-config-')), 'lab.json');
    writeFileSync(file, '{');
    expect(() => readLabConfig(file)).toThrow(expect.objectContaining({ remedy: expect.stringContaining('--config') }));
  });

  it('takes the one in this repository', () => {
    expect(readLabConfig(LOCAL).clients.first.clientId).toBe('lab-first-client');
  });
});
