import { runPinned } from './bootstrap.mjs';

runPinned('client.ts');
