import { runPinned } from './bootstrap.mjs';

runPinned('attack.ts');
