import { describe, expect, it } from 'vitest';
import { sharesOf } from './profile-summary.ts';

const frame = (functionName: string, url = '') => ({ functionName, url });
const nodes = [
  { id: 1, callFrame: frame('(root)'), children: [2, 3, 6] },
  { id: 2, callFrame: frame('(idle)') },
  { id: 3, callFrame: frame('find', 'file:///h/libs/store/dist/single-use-verbs.js'), children: [4, 5] },
  { id: 4, callFrame: frame('all') },
  { id: 5, callFrame: frame('Reply.send', 'file:///h/node_modules/fastify/lib/reply.js'), children: [7] },
  { id: 6, callFrame: frame('(garbage collector)') },
  { id: 7, callFrame: frame('nextTick', 'node:internal/process/task_queues') },
];

describe('where the time goes', () => {
  it('is told by package, project and part of Node; native code by its caller; idle time by nobody', () => {
    const shares = sharesOf({ nodes, samples: [2, 3, 4, 5, 6, 7, 3], timeDeltas: [900, 10, 30, 20, 15, 5, 20] });
    expect(shares).toEqual([
      { owner: 'libs/store', part: 0.3 },
      { owner: 'libs/store [all]', part: 0.3 },
      { owner: 'fastify', part: 0.2 },
      { owner: '(garbage collector)', part: 0.15 },
      { owner: 'node:process', part: 0.05 },
    ]);
  });

  it('is nothing for a process that only waited', () => {
    expect(sharesOf({ nodes, samples: [2, 2], timeDeltas: [1, 1] })).toEqual([]);
  });
});
