import { runPinned } from './bootstrap.mjs';

runPinned('clinic.ts');
