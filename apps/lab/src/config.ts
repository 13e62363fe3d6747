import { readFileSync } from 'node:fs';
import { z } from 'zod';

const httpsUrl = z.url({ protocol: /^https$/ });
/** Files are relative to the home directory. */
const file = z.string().min(1);
const identity = z.strictObject({ certificate: file, key: file });
const person = z.strictObject({ login: z.string().min(1), password: z.string().min(1) });
const client = z.strictObject({ clientId: z.string().min(1), redirectUri: httpsUrl, identity });
const rpcServer = z.strictObject({
  /** host:port to connect to. */
  address: z.string().regex(/^[^:\s]+:\d+$/),
  /** The DNS name its certificate must carry. */
  serverName: z.string().min(1),
});

/** Everything the lab knows about the deployment it attacks; the rest it learns from discovery, as any outsider would. */
export const labConfig = z.strictObject({
  /** Where browsers find the lab's page. */
  origin: httpsUrl.refine((url) => new URL(url).origin === url, 'must be an https origin without a path'),
  /** The page server. */
  listener: z.strictObject({ host: z.union([z.ipv4(), z.ipv6()]), port: z.int().min(0).max(65535) }),
  identity,
  health: z.strictObject({ url: httpsUrl, trust: file, names: z.enum(['loopback', 'dns']) }),

  issuer: httpsUrl,
  bank: httpsUrl,
  fintech: httpsUrl,
  rpc: z.strictObject({ accountDirectory: rpcServer, tokenStatus: rpcServer }),
  /** `loopback` answers *.localhost without asking anyone, `dns` asks the system. */
  names: z.enum(['loopback', 'dns']),
  /** The folder with the bundle of each purpose, and the certificate authority that says what is in force. */
  authority: z.looseObject({ trust: file, url: httpsUrl.optional() }),
  /** Where the bad certificates of the clinic lie. */
  clinic: z.strictObject({ patients: file }),
  /** Where the platform's processes write their audit events, relative to the home directory. */
  audit: file,

  /**
   * The lab's own honest clients: two that a known authority certified, one that signs assertions and DPoP proofs, one that
   * signs its requests too, one of FAPI 1.0, one with a certificate of its own making, and two that ask a person on another
   * device. All but the first two sign with the key of their certificate.
   */
  clients: z.strictObject({
    first: client,
    second: client,
    assertion: client,
    signing: client,
    fapi1: client,
    selfSigned: client,
    ciba: client,
    otherCiba: client,
  }),
  /** What the attackers have: certificates that look right and are not. */
  attackers: z.strictObject({
    lookalike: identity,
    otherAuthority: identity,
    expired: identity,
    wrongPurpose: identity,
    noPurpose: identity,
    service: identity,
  }),
  /** A client whose key gets lost, again and again: its names, for which the authority certifies a new key each time. */
  careless: z.strictObject({
    clientId: z.string().min(1),
    redirectUri: httpsUrl,
    /** `<holder>/<name>` of the list of certificates. */
    leaf: z.string().regex(/^[a-z-]+\/[a-z-]+$/),
    commonName: z.string().min(1),
    dnsName: z.string().min(1),
  }),
  /** The command line of the certificate authority's operator, where the lab stands beside it. */
  operator: z.array(z.string().min(1)).min(1).optional(),
  people: z.strictObject({ alice: person, mallory: person }),
});

export type LabConfig = z.infer<typeof labConfig>;

/** A mistake of whoever set this up, with what to do about it. */
export class LabSetupError extends Error {
  readonly remedy: string;

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LabSetupError';
    this.remedy = remedy;
  }
}

/**
 * Reads the lab's configuration strictly: an unknown key is an error, nothing has a default.
 * @throws LabSetupError
 */
export function readLabConfig(path: string): LabConfig {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new LabSetupError(`the configuration ${path} cannot be read: ${why}`, 'Name another file with --config.', {
      cause,
    });
  }
  const result = labConfig.safeParse(content);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'top level'}: ${issue.message}`);
  throw new LabSetupError(`the configuration ${path} is wrong: ${problems.join('; ')}`, 'Correct the file.');
}
