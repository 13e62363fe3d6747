import type { LeafName } from '@holdfast/mtls/testing';
import type { Answer, ServerUnderTest } from './server-under-test.ts';
import { CIBA_GRANT, signedRequest } from './server-under-test.ts';

/** A client that asks people on their other device. */
export class Till {
  readonly #server: ServerUnderTest;
  readonly id: string;
  readonly #certificate: LeafName;

  constructor(server: ServerUnderTest, id: 'till' | 'pinged-till' = 'till') {
    this.#server = server;
    this.id = id;
    this.#certificate = id === 'till' ? 'lab/first-client' : 'lab/second-client';
  }

  ask(changes: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    return this.post('/bc-authorize', { request: signedRequest(this.id, changes) });
  }

  /** A request that must be taken. @returns its auth_req_id */
  async asked(changes: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const answer = await this.ask(changes);
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
    return String(answer.json.auth_req_id);
  }

  poll(authReqId: string): Promise<Answer> {
    return this.post('/token', { grant_type: CIBA_GRANT, auth_req_id: authReqId });
  }

  post(path: string, form: Readonly<Record<string, string>>): Promise<Answer> {
    return this.#server.ask('mtls', path, { form: { client_id: this.id, ...form }, certificate: this.#certificate });
  }
}
