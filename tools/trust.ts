import { resolve } from 'node:path';
import { styleText } from 'node:util';
import { readArguments } from './arguments.ts';
import type { Language, Text } from './language.ts';
import { languageFrom } from './language.ts';
import { PlatformTrouble, tellTrouble } from './platform/trouble.ts';
import type { Outcome, Wish } from './trust/change-trust.ts';
import { storesOf, trustIn, untrustIn } from './trust/change-trust.ts';
import { thisMachine } from './trust/machine.ts';
import type { WebRoot } from './trust/web-root.ts';
import { readWebRoot } from './trust/web-root.ts';
import { workspaceRoot } from './workspace.ts';

type Task = 'trust' | 'untrust';

const usage = `npm run trust      have this machine and its browsers trust the web root of the demonstration
npm run untrust    take it back

  --home <dir>      whose root (default .holdfast)
  --dry-run         show what would be run, and change nothing
  --sudo            run what needs root with sudo, each command shown before; else it is only shown
  --all             untrust: every root of this demonstration, those of homes that are gone included
  --lang <en|ja>    language (default: that of the environment)`;

const WORDS = {
  risk: {
    en: 'Whoever gets at the keys in {keys} can be any server below localhost to your browsers, and no other site: the root is limited to localhost. The roots of participants and services are left alone. It ends with npm run untrust; run that before npm run reset.',
    ja: '{keys} の鍵を手に入れた者は、このブラウザーに対して localhost 配下のサーバーになりすませます。ルートは localhost に限定されているため、他のサイトにはなれません。参加者用と内部サービス用のルートには触れません。npm run untrust で取り消せます。npm run reset の前に実行してください。',
  },
  trusted: { en: 'trusts it', ja: '信頼済み' },
  already: { en: 'trusts it already', ja: 'すでに信頼済み' },
  gone: { en: 'does not trust it any more', ja: '信頼を取り消しました' },
  never: { en: 'does not trust it', ja: '信頼していません' },
  byHand: { en: 'to be run by you:', ja: '次のコマンドを自分で実行してください:' },
  running: { en: 'runs', ja: '実行' },
  nothing: { en: 'There is no store here that could trust anything.', ja: '証明書ストアが見つかりません。' },
  restart: {
    en: 'Browsers that are open look again when they are started anew.',
    ja: '開いているブラウザーは再起動後に反映されます。',
  },
} satisfies Record<string, Text>;

async function main([task, ...args]: readonly string[]): Promise<number> {
  const { values } = readArguments(`npm run ${task === 'untrust' ? 'untrust' : 'trust'}`, {
    args: [...args],
    options: {
      home: { type: 'string', default: '.holdfast' },
      'dry-run': { type: 'boolean', default: false },
      sudo: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      lang: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const home = resolve(workspaceRoot, values.home);
  const language = languageFrom(process.env, values.lang);
  const wish: Wish = {
    dryRun: values['dry-run'],
    sudo: values.sudo,
    tell: (command) => console.log(`  ${styleText('dim', `${WORDS.running[language]} ${command}`)}`),
  };
  if (task === 'untrust') return change('untrust', values.all ? 'all' : rootToRemove(home), wish, language);
  const root = readWebRoot(home, new Date());
  console.log(`\n  ${WORDS.risk[language].replace('{keys}', `${values.home}/pki/authority/web`)}\n`);
  return change('trust', root, wish, language);
}

/** Without a home nobody can tell which root was meant; all of ours can still be taken out. */
function rootToRemove(home: string): WebRoot {
  try {
    return readWebRoot(home, new Date());
  } catch (cause) {
    if (!(cause instanceof PlatformTrouble)) throw cause;
    throw new PlatformTrouble(cause.message, 'Take out every root of this demonstration: npm run untrust -- --all', {
      cause,
    });
  }
}

async function change(task: Task, root: WebRoot | 'all', wish: Wish, language: Language): Promise<number> {
  const machine = thisMachine();
  const { stores, outOfReach } = storesOf(machine);
  let failed = 0;
  for (const store of stores) {
    const outcome =
      task === 'trust' && root !== 'all'
        ? await trustIn(store, root, machine, wish)
        : await untrustIn(store, root, machine, wish);
    if (outcome.kind === 'failed') failed += 1;
    console.log(told(store.name, outcome, task, language));
  }
  if (task === 'trust' && root !== 'all')
    for (const { name, why, byHand } of outOfReach)
      console.log(`${styleText('yellow', '!')} ${name}: ${why}\n  → ${byHand(root)}`);
  if (stores.length + outOfReach.length === 0) console.log(WORDS.nothing[language]);
  console.log(`\n  ${WORDS.restart[language]}\n`);
  return failed === 0 ? 0 : 1;
}

function told(name: string, outcome: Outcome, task: Task, language: Language): string {
  const say = (text: Text): string => text[language];
  switch (outcome.kind) {
    case 'unchanged':
      return `${styleText('green', '✔')} ${name}: ${say(task === 'trust' ? WORDS.already : WORDS.never)}`;
    case 'done':
      return `${styleText('green', '✔')} ${name}: ${say(task === 'trust' ? WORDS.trusted : WORDS.gone)}`;
    case 'shown':
      return `${styleText('yellow', '!')} ${name}: ${say(WORDS.byHand)}\n${outcome.commands.map((command) => `    ${command}`).join('\n')}`;
    case 'failed':
      return `${styleText('red', '✖')} ${name}: ${outcome.command}\n  ${outcome.said.replaceAll('\n', '\n  ')}`;
  }
}

main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    tellTrouble(error);
    process.exitCode = 1;
  },
);
