import { runPinned } from './bootstrap.mjs';

runPinned('trust.ts', 'trust');
