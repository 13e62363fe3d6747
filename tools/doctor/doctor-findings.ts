import type { Text } from '../language.ts';

/** One kind of local trouble: what it is, and what to do. What is particular to the machine comes as a detail. */
export interface DoctorFinding {
  /** `wrong` stands in the way of a start or of safety; `note` explains what may surprise. */
  readonly severity: 'wrong' | 'note';
  readonly what: Text;
  readonly remedy: Text;
}

/** Everything the doctor can find, once, in both languages. */
export const DOCTOR_FINDINGS = {
  node_too_old: {
    severity: 'wrong',
    what: { en: 'this Node is too old for the platform', ja: 'Nodeが古すぎます' },
    remedy: {
      en: 'Start it through npm, which brings its own Node: npm start',
      ja: 'npm経由で起動してください。必要なNodeも入ります: npm start',
    },
  },
  port_taken: {
    severity: 'wrong',
    what: { en: 'a port of the platform is taken', ja: '使うポートが塞がっています' },
    remedy: {
      en: 'Stop that process, or run beside it: npm start -- --ports 1000 --home .holdfast-beside',
      ja: 'そのプロセスを止めるか、ポートをずらして起動します: npm start -- --ports 1000 --home .holdfast-beside',
    },
  },
  clock_behind: {
    severity: 'wrong',
    what: { en: 'the clock of this machine is behind its own files', ja: '時計が手元のファイルより遅れています' },
    remedy: {
      en: 'Set the clock. If it is right now and was wrong before, start afresh: npm run reset',
      ja: '時計を合わせてください。以前がずれていて今が正しいなら、作り直します: npm run reset',
    },
  },
  names_not_found: {
    severity: 'note',
    what: {
      en: 'the system does not know *.localhost; browsers, a recent curl and the platform itself do without it',
      ja: 'システムが *.localhost を名前解決できません。ブラウザー、新しいcurl、本システム自体には影響しません',
    },
    remedy: {
      en: 'For other programs add a line to the hosts file: 127.0.0.1 auth.localhost mtls.auth.localhost api.bank.localhost fintech.localhost lab.localhost',
      ja: '他のプログラムのためには hosts ファイルに次の行を足します: 127.0.0.1 auth.localhost mtls.auth.localhost api.bank.localhost fintech.localhost lab.localhost',
    },
  },
  names_elsewhere: {
    severity: 'wrong',
    what: {
      en: 'a name below localhost leads to another machine',
      ja: 'localhost配下の名前が別のマシンを指しています',
    },
    remedy: {
      en: 'Take that line out of the hosts file, or out of the DNS server: RFC 6761 reserves localhost for this machine.',
      ja: 'hosts ファイルまたはDNSサーバーからその設定を外してください。RFC 6761により localhost は自分自身を指す名前です。',
    },
  },
  pki_missing: {
    severity: 'note',
    what: { en: 'there are no keys and certificates yet', ja: '鍵と証明書がまだありません' },
    remedy: { en: 'npm start makes them.', ja: 'npm start が作ります。' },
  },
  pki_half_made: {
    severity: 'wrong',
    what: { en: 'a part of an authority is missing', ja: '認証局の一部が欠けています' },
    remedy: {
      en: 'Make everything anew: npm run reset, then npm start',
      ja: '作り直してください: npm run reset のあと npm start',
    },
  },
  pki_unusable: {
    severity: 'wrong',
    what: { en: 'a key or certificate cannot be used', ja: '使えない鍵または証明書があります' },
    remedy: {
      en: 'npm start renews certificates and mends what can be mended; else npm run reset, then npm start',
      ja: 'npm start が証明書を更新し、直せるものは直します。だめなら npm run reset のあと npm start',
    },
  },
  root_unlimited: {
    severity: 'note',
    what: {
      en: 'the web root of this home could vouch for any site, not only for localhost',
      ja: 'このWebルートは localhost 以外のサイトも保証できてしまいます',
    },
    remedy: {
      en: 'Do not let a browser trust it. A new one is limited: npm run reset, then npm start',
      ja: 'ブラウザーに信頼させないでください。新しく作れば限定されます: npm run reset のあと npm start',
    },
  },
  root_not_trusted: {
    severity: 'note',
    what: { en: 'a browser or the system will warn of the pages', ja: 'ブラウザーなどがページで警告を出します' },
    remedy: {
      en: 'Accept it there, or have the root trusted, which is limited to localhost: npm run trust',
      ja: 'その場で許可するか、localhostに限定されたルートを信頼させます: npm run trust',
    },
  },
  tls_checks_off: {
    severity: 'wrong',
    what: {
      en: 'NODE_TLS_REJECT_UNAUTHORIZED=0 has every Node program here accept any certificate',
      ja: 'NODE_TLS_REJECT_UNAUTHORIZED=0 により、Nodeのプログラムがどんな証明書も受け入れます',
    },
    remedy: {
      en: 'unset NODE_TLS_REJECT_UNAUTHORIZED, and look for what has set it',
      ja: 'unset NODE_TLS_REJECT_UNAUTHORIZED を実行し、どこで設定されたか確認してください',
    },
  },
  authorities_added: {
    severity: 'note',
    what: {
      en: 'the environment names further authorities; the platform goes by its own bundles, other programs by these',
      ja: '環境変数で認証局が追加されています。本システムは自前のものだけを使いますが、他のプログラムはこれに従います',
    },
    remedy: {
      en: 'Nothing has to be done. If curl or Node trusts what it should not, unset the variable.',
      ja: '対応は不要です。curlやNodeが余計なものを信頼する場合は変数を外してください。',
    },
  },
  authorities_unreadable: {
    severity: 'wrong',
    what: {
      en: 'the environment names a file of authorities that cannot be read',
      ja: '環境変数が指す認証局ファイルを読めません',
    },
    remedy: { en: 'Correct the variable, or unset it.', ja: '変数を直すか、外してください。' },
  },
  proxy_in_the_way: {
    severity: 'wrong',
    what: {
      en: 'the environment sends requests for localhost to a proxy, which has none of our certificates',
      ja: 'localhost宛ての通信がプロキシへ送られます。プロキシは証明書を持っていません',
    },
    remedy: {
      en: 'export NO_PROXY=localhost,.localhost,127.0.0.1',
      ja: 'export NO_PROXY=localhost,.localhost,127.0.0.1',
    },
  },
  chromium_missing: {
    severity: 'note',
    what: { en: 'there is no Chromium for the browser tests', ja: 'ブラウザーテスト用のChromiumがありません' },
    remedy: {
      en: 'npm test installs one; or name yours: export CHROMIUM_PATH=/path/to/chromium',
      ja: 'npm test が入れます。手元のものを使うなら: export CHROMIUM_PATH=/path/to/chromium',
    },
  },
  disk_full: {
    severity: 'wrong',
    what: { en: 'there is little room left on the disk', ja: 'ディスクの空きがほとんどありません' },
    remedy: {
      en: 'Make room: an audit trail that cannot be written stops every decision.',
      ja: '空きを作ってください。監査記録を書けないと、すべての判断が止まります。',
    },
  },
  run_not_ready: {
    severity: 'wrong',
    what: { en: 'a process of the running platform is not ready', ja: '稼働中のプロセスの準備ができていません' },
    remedy: {
      en: 'Its log tells why, in <home>/logs. Ctrl-C where it was started, then npm start',
      ja: '理由は <home>/logs のログにあります。起動した端末でCtrl-Cのあと npm start',
    },
  },
  run_record_stale: {
    severity: 'note',
    what: {
      en: 'a platform that ran here was killed; it does not run any more',
      ja: '以前の稼働は強制終了されており、今は動いていません',
    },
    remedy: {
      en: 'Nothing has to be done: the next npm start writes a new record.',
      ja: '対応は不要です。次の npm start が記録を書き直します。',
    },
  },
} as const satisfies Record<string, DoctorFinding>;

export type DoctorCode = keyof typeof DOCTOR_FINDINGS;

/** Something found on this machine. */
export interface Found {
  readonly code: DoctorCode;
  /** Which port, file, program: names, in no language. */
  readonly detail: string;
}
