import { runPinned } from './bootstrap.mjs';

runPinned('traceability.ts');
