import { runPinned } from './bootstrap.mjs';

runPinned('test.ts');
