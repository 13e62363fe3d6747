import { runPinned } from './bootstrap.mjs';

runPinned('software-statement.ts');
