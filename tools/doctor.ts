import { lookup } from 'node:dns/promises';
import { resolve } from 'node:path';
import { styleText } from 'node:util';
import { readArguments } from './arguments.ts';
import { DOCTOR_FINDINGS } from './doctor/doctor-findings.ts';
import { examine, isWell } from './doctor/examine.ts';
import type { Looked } from './doctor/examine.ts';
import type { Language, Text } from './language.ts';
import { languageFrom } from './language.ts';
import { findRunning } from './platform/running.ts';
import { PlatformTrouble, tellTrouble } from './platform/trouble.ts';
import { thisMachine } from './trust/machine.ts';
import { workspaceRoot } from './workspace.ts';

const usage = `npm run doctor

What on this machine stands in the way of the platform, each with a code and a remedy. Changes nothing and needs no network.
The exit code is 1 when something is wrong.

  --home <dir>      the home directory (default .holdfast)
  --ports <offset>  by how much the ports are moved (default: those of the platform that runs there, or 0)
  --json            one document for machines
  --lang <en|ja>    language (default: that of the environment)`;

async function doctor(): Promise<number> {
  const { values } = readArguments('npm run doctor', {
    options: {
      home: { type: 'string', default: '.holdfast' },
      ports: { type: 'string' },
      json: { type: 'boolean', default: false },
      lang: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const home = resolve(workspaceRoot, values.home);
  const looked = await examine({
    home,
    offset: offsetFrom(values.ports) ?? (await findRunning(home))?.offset ?? 0,
    now: new Date(),
    environment: process.env,
    machine: thisMachine(),
    addressesOf: (name) =>
      lookup(name, { all: true }).then(
        (found) => found.map(({ address }) => address),
        () => [],
      ),
  });
  console.log(values.json ? asJson(looked) : asText(looked, languageFrom(process.env, values.lang)));
  return isWell(looked) ? 0 : 1;
}

function offsetFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new PlatformTrouble(`--ports takes a number, and "${text}" is none`, 'npm run doctor -- --ports 1000');
}

const asJson = (looked: readonly Looked[]): string => {
  const findings = looked.flatMap(({ found }) => found.map((one) => ({ ...one, ...DOCTOR_FINDINGS[one.code] })));
  return JSON.stringify({ report: 'holdfast doctor', well: isWell(looked), findings }, undefined, 2);
};

const WORDS = {
  well: { en: 'Nothing stands in the way: npm start', ja: '問題ありません: npm start' },
  ill: {
    en: 'Something is wrong; each line above says what helps.',
    ja: '問題があります。各行の対処を確認してください。',
  },
} satisfies Record<string, Text>;

function asText(looked: readonly Looked[], language: Language): string {
  const lines = looked.flatMap(({ title, found }) =>
    found.length === 0
      ? [`${styleText('green', '✔')} ${title[language]}`]
      : found.map(({ code, detail }) => {
          const { severity, what, remedy } = DOCTOR_FINDINGS[code];
          const mark = severity === 'wrong' ? styleText('red', '✖') : styleText('yellow', '!');
          return `${mark} ${title[language]}  ${styleText('bold', code)}  ${what[language]}\n    ${detail}\n  → ${remedy[language]}`;
        }),
  );
  const sentence = isWell(looked) ? styleText('green', WORDS.well[language]) : styleText('red', WORDS.ill[language]);
  return ['', ...lines, '', sentence, ''].join('\n');
}

doctor().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    tellTrouble(error);
    process.exitCode = 2;
  },
);
