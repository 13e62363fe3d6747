import { runPinned } from './bootstrap.mjs';

runPinned('doctor.ts');
