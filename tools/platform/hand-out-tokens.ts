import { resolve } from 'node:path';
import { appNames } from './apps.ts';
import { handOutTokens } from './enrolment-tokens.ts';
import { compiledMain } from './platform.ts';
import { tellTrouble } from './trouble.ts';

// node tools/platform/hand-out-tokens.ts <configurations> <home>: in containers, where nobody starts the processes one by one.

const [configurations = '', home = ''] = process.argv.slice(2).map((path) => resolve(path));

handOutTokens({ home, configurations, mainOf: compiledMain }, appNames, new Date()).then(
  (given) => {
    console.log(given.length === 0 ? 'Everybody has a certificate.' : `A token each: ${given.join(', ')}.`);
  },
  (error: unknown) => {
    tellTrouble(error);
    process.exitCode = 1;
  },
);
