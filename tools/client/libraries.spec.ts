import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareOauth4webapi, bareOpenidClient } from './testing/bare-libraries.ts';
import type { Bare } from './testing/bare-libraries.ts';
import { answerFaults } from './testing/faults/answer.ts';
import { BOTH_REFUSE } from './testing/faults/fault.ts';
import type { Alone, Fault } from './testing/faults/fault.ts';
import { hybridFaults, idTokenFaults } from './testing/faults/id-token.ts';
import { jarmFaults } from './testing/faults/jarm.ts';
import { metadataFaults } from './testing/faults/metadata.ts';
import { tokenFaults } from './testing/faults/tokens.ts';
import type { Endpoint } from './testing/hostile-server.ts';
import type { Variant } from './testing/registration.ts';
import { World } from './testing/world.ts';

// Each refuses what a client must refuse: what do the two protocol libraries see to alone, and where is a client's own
// check all there is? What is recorded with each fault is measured here, so a newer version of a library that changes its
// mind is noticed.
let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

const libraries: Record<keyof NonNullable<Fault['alone']>, Bare> = {
  oauth4webapi: bareOauth4webapi,
  'openid-client': bareOpenidClient,
};

const faults = [metadataFaults, answerFaults, jarmFaults, idTokenFaults, hybridFaults, tokenFaults]
  .flat()
  .filter((fault): fault is Fault & { alone: NonNullable<Fault['alone']> } => fault.alone !== undefined);

/** Runs a library against the server, whatever comes of it. @returns whether the call that must not be made was made */
async function alone(bare: Bare, fault: Fault): Promise<Alone> {
  const { variant = {}, bend, before } = fault;
  const client = await world.client(variant, typeof bend === 'function' ? bend(world.server.addresses) : bend);
  const responseType = fault.flow === 'hybrid' ? 'code id_token' : 'code';
  await bare(client, { responseType }).catch(() => undefined);
  return world.server.callsTo(before).length === 0 ? 'refuses' : 'goes on';
}

describe.each(Object.entries(libraries))('%s alone', (name, bare) => {
  const rows = faults.map((fault) => ({
    fault,
    title: fault.title,
    does: fault.alone[name as keyof typeof libraries],
  }));

  it.each(rows)('$does: $title', async ({ fault, does }) => {
    expect(await alone(bare, fault)).toBe(does);
  });

  const kinds: readonly [Variant, 'code' | 'hybrid'][] = [
    [{}, 'code'],
    [{ profile: 'fapi2-message-signing', responseMode: 'jwt' }, 'code'],
    [{ auth: 'private_key_jwt', constraint: 'dpop' }, 'code'],
    [{ profile: 'fapi1-advanced' }, 'hybrid'],
  ];
  it.each(kinds)('goes all the way where nothing is wrong, as %j by %s', async (variant, flow) => {
    const client = await world.client(variant);
    await bare(client, { responseType: flow === 'hybrid' ? 'code id_token' : 'code' });
    for (const endpoint of ['par', 'token', 'userinfo', 'resource'] satisfies Endpoint[])
      expect(world.server.callsTo(endpoint)).not.toHaveLength(0);
  });
});

describe('this client beside them', () => {
  const extra = faults.filter(({ alone: { oauth4webapi } }) => oauth4webapi === 'goes on');

  it.each(extra.map((fault) => [fault.title, fault] as const))(
    'refuses %s, which its library does not',
    async (_title, fault) => {
      const { flow = 'code', variant, bend, reason, before } = fault;
      const report = await world.run(flow, variant, typeof bend === 'function' ? bend(world.server.addresses) : bend);
      expect(report).toMatchObject({ outcome: 'refused', reason });
      expect(world.server.callsTo(before)).toHaveLength(0);
    },
  );

  it('knows of faults of either kind', () => {
    expect(extra.length).toBeGreaterThan(10);
    expect(faults.filter(({ alone: recorded }) => recorded === BOTH_REFUSE).length).toBeGreaterThan(50);
  });
});
