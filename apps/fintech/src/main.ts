import 'reflect-metadata';
import { defineProcess } from '@holdfast/host';
import { fintechConfig } from './config.ts';
import { startTidepool } from './tidepool.ts';

defineProcess({
  name: 'fintech',
  config: fintechConfig,
  async start(ctx) {
    const { listener, close } = await startTidepool(ctx);
    return { close, ready: [listener.url] };
  },
});
