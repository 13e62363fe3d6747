import { issuerPin } from '@holdfast/mtls';
import type { PeerCertificate } from '@holdfast/mtls';
import { expect } from 'vitest';
import type { ClientInformation } from '../as/registration/client-information.ts';
import { registerClient } from '../as/registration/register.ts';
import { registeredClient } from '../as/registration/vouched-client.ts';
import type { ClientSigner } from './client-signer.ts';
import { clientSigner, sign } from './client-signer.ts';
import type { EngineFixture } from './engine-fixture.ts';
import { engineFixture, expectRefusal } from './engine-fixture.ts';
import { MemoryRegistrations } from './memory-registrations.ts';

const DIRECTORY = 'https://directory.test';
const directory = clientSigner('ES256', 'directory-1');

/** Signs with a key that has the name of the directory's, and is not it. */
export const stranger = clientSigner('ES256', 'directory-1');
/** Keys of the third participant. */
export const keys = clientSigner('ES256', 'client-1');
/** Keys of the first client, which the configuration knows. */
export const otherKeys = clientSigner('ES256', 'client-2');

/** What a client may choose by itself, fine in every respect. */
export const METADATA = {
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_certificate_bound_access_tokens: true,
  redirect_uris: ['https://third.test/callback'],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  scope: 'openid grant_management_query',
  authorization_details_types: ['account_information'],
};

export type Changes = Readonly<Record<string, unknown>>;

/** An authorization server where participants may register clients, and two participants that have not done so yet. */
export class RegistrationDesk {
  readonly f: EngineFixture;
  readonly registrations = new MemoryRegistrations();
  readonly third: PeerCertificate;
  readonly fourth: PeerCertificate;
  #count = 0;

  private constructor(f: EngineFixture) {
    this.f = f;
    this.third = f.pki.peer(f.pki.mint({ subject: 'CN=third,O=Third', dnsNames: ['third.test'] }));
    this.fourth = f.pki.peer(f.pki.mint({ subject: 'CN=fourth,O=Fourth', dnsNames: ['fourth.test'] }));
  }

  static async open(): Promise<RegistrationDesk> {
    const f = await engineFixture({ jwks: { kind: 'inline', keys: [otherKeys.jwk] } });
    const desk = new RegistrationDesk(f);
    const { registrations } = desk;
    const authority = issuerPin(() => [f.pki.participants.intermediate.certificate]);
    const before = f.engine.clients;
    const registration = {
      directory: { issuer: DIRECTORY, keys: [directory.jwk] },
      authority,
      configured: [...f.clients.values()],
      registrations,
      permitsUri: (uri: string) => uri.startsWith('https://keys.test/'),
    };
    const find = async (id: string) => {
      const kept = await registrations.find(id);
      return kept === undefined ? before.find(id) : registeredClient(f.engine, { authority }, kept);
    };
    Object.assign(f.engine, { registration, clients: { find } });
    return desk;
  }

  /** Epoch seconds. */
  now(): number {
    return Math.floor(this.f.clock.now().getTime() / 1000);
  }

  /** A statement that is fine in every respect, about the third participant's software, with changes. */
  statement(changes: Changes = {}, header: Changes = {}, signer: ClientSigner = directory): Promise<string> {
    const times = { iat: this.now(), exp: this.now() + 600 };
    const about = {
      software_id: 'software-3',
      profile: 'fapi2-security',
      tls_client_auth_san_dns: 'third.test',
      client_name: 'Third',
      software_redirect_uris: ['https://third.test/callback', 'https://third.test/other'],
      jwks: { keys: [keys.jwk] },
    };
    const claims = { iss: DIRECTORY, ...times, jti: `statement-${++this.#count}`, ...about, ...changes };
    return sign(signer, claims, { typ: 'software-statement+jwt', ...header });
  }

  /** A request to register or manage. @param peer null when no certificate is presented */
  asked(body: unknown, peer: PeerCertificate | null = this.third, authorization: readonly string[] = []) {
    return { body, peer: peer ?? undefined, authorization };
  }

  /** Registers the third participant's software, with changes to the metadata. */
  async register(
    changes: Changes = {},
    text?: string,
    peer: PeerCertificate | null = this.third,
  ): Promise<ClientInformation> {
    const body = { ...METADATA, software_statement: text ?? (await this.statement()), ...changes };
    return registerClient(this.f.engine, this.asked(body, peer));
  }

  /** Asserts that a decision is refused, and that nobody is registered by it. */
  async refused(decision: Promise<unknown>, code: string, reason: string, evidence: object = {}): Promise<void> {
    const before = [...this.registrations.rows.keys()];
    const error = await expectRefusal(this.f, decision, code, reason);
    expect(error.evidence).toMatchObject(evidence);
    expect([...this.registrations.rows.keys()]).toEqual(before);
  }

  /** The positive control. */
  async honest(): Promise<void> {
    expect((await this.register()).client_id).toMatch(/^dcr-[0-9a-f]{32}$/);
  }
}

export const bearer = ({ registration_access_token: token }: ClientInformation): readonly string[] => [
  `Bearer ${token}`,
];
