import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RULES } from './refusal.ts';
import { answerFaults } from './testing/faults/answer.ts';
import { browserFaults } from './testing/faults/browser.ts';
import { cibaFaults, notificationFaults } from './testing/faults/ciba.ts';
import type { Fault } from './testing/faults/fault.ts';
import { hybridFaults, idTokenFaults } from './testing/faults/id-token.ts';
import { jarmFaults } from './testing/faults/jarm.ts';
import { metadataFaults } from './testing/faults/metadata.ts';
import { laterFaults, tokenFaults } from './testing/faults/tokens.ts';
import { freePort } from './testing/free-port.ts';
import type { Variant } from './testing/registration.ts';
import { World } from './testing/world.ts';

let world: World;
let notificationPort: number;
beforeAll(async () => {
  world = await World.open();
  notificationPort = await freePort();
});
afterAll(() => world.close());

const variantOf = ({ flow, variant = {} }: Fault): Variant =>
  flow === 'ciba-ping' ? { ...variant, notificationPort } : variant;

const named = (faults: readonly Fault[]) =>
  faults.map((fault): [string, Fault] => [`${fault.title} [${RULES[fault.reason][0]}]`, fault]);

async function refuses(_title: string, fault: Fault): Promise<void> {
  const { flow = 'code', bend, reason, before, earlier = 0 } = fault;
  const how = typeof bend === 'function' ? bend(world.server.addresses) : bend;
  const report = await world.run(flow, variantOf(fault), how);
  expect(report).toMatchObject({ outcome: 'refused', reason, clause: RULES[reason][0] });
  expect(world.server.callsTo(before)).toHaveLength(earlier);
}

describe('metadata and the pushed request', () => {
  it.each(named(metadataFaults))('are refused: %s', refuses);
});

describe("the browser's way", () => {
  it.each(named(browserFaults))('is left: %s', refuses);
});

describe('the answer', () => {
  it.each(named(answerFaults))('is refused before the code is used: %s', refuses);
});

describe('the signed answer', () => {
  const by = (pattern: RegExp) => named(jarmFaults.filter(({ reason }) => pattern.test(reason)));
  it.each(by(/_iss_/))('is refused without iss, or with another [JARM-2.4] [CLI-13]: %s', refuses);
  it.each(by(/_aud_/))('is refused without aud, or for somebody else [JARM-2.4] [CLI-14]: %s', refuses);
  it.each(by(/_exp/))('is refused without exp, or after it [JARM-2.4] [CLI-15]: %s', refuses);
  it.each(by(/_signature_|_alg_/))('is refused unsigned, or signed by somebody else [JARM-2.4] [CLI-16]: %s', refuses);
  it.each(by(/^(?!.*_(iss|aud|exp|expired|signature|alg)(_|$))/))('is refused: %s', refuses);

  it('has every fault in one of these tables', () => {
    const tables = [/_iss_/, /_aud_/, /_exp/, /_signature_|_alg_/, /^(?!.*_(iss|aud|exp|expired|signature|alg)(_|$))/];
    expect(tables.flatMap(by)).toHaveLength(jarmFaults.length);
  });
});

describe('the ID token', () => {
  it.each(named(idTokenFaults))('is refused before its tokens are used: %s', refuses);
});

describe('the ID token beside the code', () => {
  it.each(named(hybridFaults))('is refused before the code is used: %s', refuses);
});

describe('what comes with tokens, and after them', () => {
  it.each(named([...tokenFaults, ...laterFaults]))('is refused: %s', refuses);
});

describe('what comes of decisions elsewhere', () => {
  it.each(named([...cibaFaults, ...notificationFaults]))('is refused: %s', refuses);
});

describe('where nothing is wrong', () => {
  const all = [
    ...[metadataFaults, browserFaults, answerFaults, jarmFaults, idTokenFaults, hybridFaults],
    ...[tokenFaults, laterFaults, cibaFaults, notificationFaults],
  ].flat();
  // The same flow makes the very call that must not be made with a fault.
  const kinds = new Map(
    all.map((fault) => [JSON.stringify([fault.flow, fault.variant, fault.before]), fault] as const),
  );
  const controls = [...kinds.values()].filter(({ before }) => before !== 'other bank');

  it.each(controls)('the flow $flow goes on to $before ($variant)', async (fault) => {
    const report = await world.run(fault.flow ?? 'code', variantOf(fault));
    expect(report).toMatchObject({ outcome: 'passed' });
    expect(world.server.callsTo(fault.before).length).toBeGreaterThan(fault.earlier ?? 0);
  });
});
