import { runPinned } from './bootstrap.mjs';

runPinned('export-test-client.ts');
