/** The processes of the platform, and where each listens. */
interface App {
  /** Ports by the name of the door, as in the configuration before any offset. */
  readonly ports: Readonly<Record<string, number>>;
  /** Where it listens for clients with certificates when a proxy has the port of their door. */
  readonly portBehindProxy?: number;
  /** The word that makes a program with several tasks the process of the platform. */
  readonly task?: string;
}

export const apps = {
  'certificate-authority': { ports: { https: 9843, rpc: 9845 } },
  'authorization-server': { ports: { browser: 9443, mtls: 9444, rpc: 9445 }, portBehindProxy: 9446 },
  bank: { ports: { api: 9543, rpc: 9545 }, portBehindProxy: 9546 },
  fintech: { ports: { web: 9643 } },
  lab: { ports: { web: 9743 }, task: 'serve' },
} as const satisfies Record<string, App>;

export type AppName = keyof typeof apps;

export const appNames = Object.keys(apps) as readonly AppName[];

/**
 * The order of a start, health-gated: a row waits until the one before it is ready. Without the certificate authority nobody has a
 * certificate. Bank and authorization server call each other over gRPC and retry, so they start together.
 */
export const startOrder: readonly (readonly AppName[])[] = [
  ['certificate-authority'],
  ['authorization-server', 'bank'],
  ['fintech'],
  ['lab'],
];

/** These apps, and what none of them starts without. */
export const withAuthority = (wanted: readonly AppName[]): readonly AppName[] =>
  appNames.filter((name) => name === 'certificate-authority' || wanted.includes(name));

/** URLs of the platform under stable names: what a person opens, and what a test talks to. */
export interface PlatformUrls {
  readonly issuer: string;
  readonly mtlsIssuer: string;
  readonly bank: string;
  readonly fintech: string;
  readonly lab: string;
  readonly certificateAuthority: string;
  readonly certificateAuthorityRpc: string;
  readonly authorizationServerRpc: string;
  readonly bankRpc: string;
}

const urls: PlatformUrls = {
  issuer: 'https://auth.localhost:9443',
  mtlsIssuer: 'https://mtls.auth.localhost:9444',
  bank: 'https://api.bank.localhost:9543',
  fintech: 'https://fintech.localhost:9643',
  lab: 'https://lab.localhost:9743',
  certificateAuthority: 'https://ca.localhost:9843',
  certificateAuthorityRpc: 'rpc.ca.localhost:9845',
  authorizationServerRpc: 'rpc.auth.localhost:9445',
  bankRpc: 'rpc.bank.localhost:9545',
};

const platformPorts: readonly number[] = appNames.flatMap((name) => {
  const { ports, portBehindProxy }: App = apps[name];
  return [...Object.values(ports), ...(portBehindProxy === undefined ? [] : [portBehindProxy])];
});
const portInText = new RegExp(`:(${platformPorts.join('|')})\\b`, 'g');

/** Every port of the platform in a text, moved: `https://auth.localhost:9443` becomes `…:9543` with an offset of 100. */
export function movePortsInText(text: string, offset: number): string {
  return text.replace(portInText, (_, port: string) => `:${Number(port) + offset}`);
}

/** A configuration with every port of the platform moved: `port` numbers, and ports inside URLs and targets. */
export function movePorts(value: unknown, offset: number, key = ''): unknown {
  if (typeof value === 'string') return movePortsInText(value, offset);
  if (typeof value === 'number') return key === 'port' && platformPorts.includes(value) ? value + offset : value;
  if (Array.isArray(value)) return value.map((each: unknown) => movePorts(each, offset, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [movePortsInText(name, offset), movePorts(each, offset, name)]),
  );
}

export function urlsAt(offset: number): PlatformUrls {
  return movePorts(urls, offset) as PlatformUrls;
}

/** The command line of an app, after the program: its task, its configuration, its home. */
export function commandLineOf(name: AppName, config: string, home: string): readonly string[] {
  const { task }: App = apps[name];
  return [...(task === undefined ? [] : [task]), '--config', config, '--home', home];
}

export function portsOf(name: AppName, offset: number): readonly number[] {
  return Object.values(apps[name].ports).map((port: number) => port + offset);
}

/** @throws TypeError when no such app exists */
export function appNamed(name: string): AppName {
  const found = appNames.find((each) => each === name);
  if (!found) throw new TypeError(`There is no app "${name}". The apps are ${appNames.join(', ')}.`);
  return found;
}
