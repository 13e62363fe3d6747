import { runPinned } from './bootstrap.mjs';

runPinned('export-identity.ts');
