import type { Scenario } from '../scenario.ts';

export const scenario: Scenario = {
  title: 'pushed request',
  operations: 200,
  warmUp: 28_000,
  notes: ['All three write the request to SQLite, synced at each commit.'],
  prepare: ({ client }) => Promise.resolve(() => client.push()),
};
