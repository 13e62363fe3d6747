import { runPinned } from './bootstrap.mjs';

runPinned('rotate-signing-keys.ts');
