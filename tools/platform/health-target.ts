import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { movePortsInText } from './apps.ts';
import type { AppName } from './apps.ts';
import { configurationFile, localConfigurations } from './configuration.ts';

/** Whom to ask how an app is, and how: as the configuration that it runs on says. */
export interface HealthTarget {
  readonly url: string;
  /** PEM bundle that its certificate is verified with. */
  readonly trustFile: string;
  /** Presented where it asks for a certificate; absolute paths. */
  readonly identity?: { readonly certificate: string; readonly key: string };
}

interface Configuration {
  readonly health: {
    readonly url: string;
    readonly trust: string;
    readonly identity?: { readonly certificate: string; readonly key: string };
  };
}

export function healthTarget(configurationFile: string, home: string): HealthTarget {
  const { health } = JSON.parse(readFileSync(configurationFile, 'utf8')) as Configuration;
  const { url, trust, identity } = health;
  const files = identity && { certificate: join(home, identity.certificate), key: join(home, identity.key) };
  return { url, trustFile: join(home, trust), ...(files && { identity: files }) };
}

/** The same by the configuration of the repository, its ports moved: for whoever writes no configuration. */
export function localHealthTarget(app: AppName, home: string, offset: number): HealthTarget {
  const target = healthTarget(configurationFile(localConfigurations, app), home);
  return { ...target, url: movePortsInText(target.url, offset) };
}
