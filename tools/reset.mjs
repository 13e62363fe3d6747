import { runPinned } from './bootstrap.mjs';

runPinned('reset.ts');
