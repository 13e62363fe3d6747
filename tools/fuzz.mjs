import { runPinned } from './bootstrap.mjs';

runPinned('fuzz.ts');
