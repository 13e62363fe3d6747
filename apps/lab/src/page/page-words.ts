import type { Text } from '../run/text.ts';

/** What the pages say beside the stories of the attacks. */
export const PAGE_WORDS = {
  lab: { en: 'Attack lab', ja: '攻撃ラボ' },
  headline: { en: 'Every theft, tried twice', ja: 'どの盗みも、二度試す' },
  lede: {
    en: 'Each attack first succeeds on a weak platform that exists only in this lab. Then the same attack meets the real one. A refusal counts only when the theft is known to work, the reason is on file, nothing has changed, and the honest client is still served.',
    ja: '各攻撃は、まずこのラボにしかない弱いシステムで成功します。次に同じ攻撃を本物に仕掛けます。盗みが実際に通用し、理由が記録され、何も変わらず、正規クライアントが使い続けられるときだけ、拒否は意味を持ちます。',
  },
  attacks: { en: 'Attacks', ja: '攻撃' },
  verdict: { en: 'Verdict', ja: '判定' },
  verdictHeadline: { en: 'Every promise, put to the test', ja: 'すべての約束を、確かめる' },
  verdictLede: {
    en: 'Each line is one demand of the protocol. What can be seen from outside is asked of the running platform, over real connections, now. What cannot is shown with the test that proves it.',
    ja: '各行はプロトコルの要求一つです。外から見えるものは、稼働中のシステムに実際の接続で今たずねます。見えないものは、それを証明するテストとともに示します。',
  },
  verdictMap: { en: 'All requirements at a glance', ja: '全要件の一覧図' },
  askAll: { en: 'Ask for everything', ja: 'すべて確かめる' },
  askSection: { en: 'Ask for these', ja: 'ここを確かめる' },
  notAsked: { en: 'not asked yet', ja: '未確認' },
  moreProof: { en: 'More tests, and the code', ja: 'その他のテストとコード' },
  awayVerdict: {
    en: 'The platform is not there, so nothing could be asked.',
    ja: 'システムに接続できないため、何も確かめられませんでした。',
  },
  playAll: { en: 'Play all attacks', ja: 'すべての攻撃を実行' },
  play: { en: 'Play', ja: '実行' },
  playThis: { en: 'Play this attack', ja: 'この攻撃を実行' },
  playing: { en: 'Playing', ja: '実行中' },
  notPlayed: { en: 'not played yet', ja: '未実行' },
  control: { en: 'Control group', ja: '対照群' },
  real: { en: 'Real stack', ja: '本物のシステム' },
  allAttacks: { en: 'All attacks', ja: '攻撃の一覧' },
  previous: { en: 'Previous', ja: '前へ' },
  next: { en: 'Next', ja: '次へ' },
  overviewLabel: { en: 'All attacks at a glance', ja: '全攻撃の一覧図' },
  bearer: { en: 'plain bearer tokens', ja: '素のベアラートークン' },
  'naive-mtls': { en: 'mutual TLS, misunderstood', ja: '誤解された相互TLS' },
  away: {
    en: 'The real stack is not there, so nothing here proves anything.',
    ja: '本物のシステムに接続できないため、何の証明にもなりません。',
  },
  forged: {
    en: 'This request did not come from this page, so nothing was done.',
    ja: 'このページからのリクエストではないため、何も行いませんでした。',
  },
  unknown: { en: 'There is no such page here.', ja: 'このページはありません。' },
  trouble: { en: 'Something went wrong.', ja: '問題が発生しました。' },
  skip: { en: 'Skip to content', ja: '本文へ' },
  audit: { en: 'written down by', ja: '記録者' },
} as const satisfies Record<string, Text>;

/** The chapters of the overview, by the first letter of the attack's id. */
export const FAMILIES: Readonly<Record<string, Text>> = {
  T: { en: 'Tokens and codes', ja: 'トークンと認可コード' },
  C: { en: 'Clients', ja: 'クライアント' },
  A: { en: 'Requests and responses', ja: 'リクエストとレスポンス' },
  P: { en: 'Certificates', ja: '証明書' },
  G: { en: 'Internal services', ja: '内部サービス' },
};
