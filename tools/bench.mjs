import { runPinned } from './bootstrap.mjs';

runPinned('bench.ts');
