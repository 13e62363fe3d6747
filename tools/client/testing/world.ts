import { throwAwayPki } from '@holdfast/mtls/testing';
import type { ThrowAwayPki } from '@holdfast/mtls/testing';
import type { FlowName } from '../flows/flow-names.ts';
import { loadClient } from '../load-client.ts';
import type { LoadedClient } from '../load-client.ts';
import { runFlow } from '../run-flow.ts';
import type { FlowReport } from '../run-flow.ts';
import type { Bend } from './bend.ts';
import { HostileServer } from './hostile-server.ts';
import { ClientKeys, register } from './registration.ts';
import type { Variant } from './registration.ts';

/** A server and its clients, with keys nobody else has. */
export class World {
  readonly pki: ThrowAwayPki;
  readonly server: HostileServer;
  readonly #keys = new ClientKeys();

  private constructor(pki: ThrowAwayPki, server: HostileServer) {
    this.pki = pki;
    this.server = server;
  }

  static async open(): Promise<World> {
    const pki = throwAwayPki();
    return new World(pki, await HostileServer.open(pki));
  }

  close(): Promise<void> {
    return this.server.close();
  }

  /** A fresh server that knows this client and is bent this way. @returns the content of the client's file */
  async begin(variant: Variant = {}, bend: Bend = {}): Promise<Record<string, unknown>> {
    const { resource, ...addresses } = this.server.addresses;
    const issuer = `${addresses.issuer}${variant.path ?? ''}`;
    const { file, registration } = await register({ pki: this.pki, keys: this.#keys, issuer, resource }, variant);
    this.server.begin(registration, bend, variant.path);
    return file;
  }

  async client(variant: Variant = {}, bend: Bend = {}): Promise<LoadedClient> {
    return loadClient(await this.begin(variant, bend), import.meta.dirname);
  }

  async run(flow: FlowName, variant: Variant = {}, bend: Bend = {}): Promise<FlowReport> {
    return runFlow(await this.client(variant, bend), flow);
  }
}
