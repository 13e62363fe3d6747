import { runPinned } from './bootstrap.mjs';

runPinned('pki/main.ts');
