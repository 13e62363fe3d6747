import { z } from 'zod';
import {
  authorityConfig,
  defineProcess,
  healthConfig,
  identityConfig,
  listenerConfig,
  openHoldings,
  openTrust,
  startListener,
} from '../index.ts';

/** A process with nothing but its health routes, and ways to misbehave, for the tests of `defineProcess`. */
const config = z.strictObject({
  listener: listenerConfig,
  identity: identityConfig,
  authority: authorityConfig,
  health: healthConfig.optional(),
  behave: z.enum(['well', 'fail-later', 'never-close', 'fail-to-start']).default('well'),
});

class Empty {
  readonly purpose = 'a module without routes';
}

defineProcess({
  name: 'example',
  config,
  commands: {
    'tell-home': async (ctx) => {
      if (ctx.config.behave !== 'well') throw new Error('nothing to tell');
      ctx.audit({ action: 'example.tell', outcome: 'allowed' });
      return `home is ${ctx.home}`;
    },
  },
  async start(ctx) {
    const { authority, behave, listener: address, identity: files } = ctx.config;
    if (behave === 'fail-to-start') throw new Error('nothing\nworks');
    const trust = openTrust(ctx, authority);
    const holdings = openHoldings(ctx);
    const identity = holdings.identity(files);
    trust.follow({ identity, names: 'loopback', held: holdings.held });
    const limits = { lameDuck: 100, drainIdle: 100, drain: 1_000 };
    const listener = await startListener({
      name: 'web',
      module: Empty,
      identity,
      address,
      exposure: {},
      ctx,
      limits,
    });
    if (behave === 'fail-later') setTimeout(() => void Promise.reject(new Error('unhandled')), 50);
    const close = async (): Promise<void> => {
      await listener.close();
      if (behave === 'never-close') await new Promise(() => undefined);
      holdings.close();
      await trust.close();
    };
    return { close, ready: [listener.url] };
  },
});
