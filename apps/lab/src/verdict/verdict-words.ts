import type { Text } from '../run/text.ts';
import type { Requirement } from './requirement-list.ts';
import type { Standing } from './run-verdict.ts';

/** How a line stands, in words. */
export const STANDINGS: Readonly<Record<Standing, Text>> = {
  passed: { en: 'pass', ja: '適合' },
  failed: { en: 'FAIL', ja: '不適合' },
  unclear: { en: 'UNCLEAR', ja: '判定不能' },
  tested: { en: 'tested', ja: 'テスト済み' },
  open: { en: 'not yet', ja: '未対応' },
};

/** Why nobody outside can ask for a line. */
export const WHY_NOT_ASKED: Readonly<Record<Exclude<Requirement['how'], 'live'>, Text>> = {
  clock: { en: 'only time can show it: its tests move the clock', ja: '時間の経過が必要（テストで時計を進める）' },
  peer: { en: 'shown to a peer that lies: its tests play that peer', ja: '偽る相手が必要（テストがその相手役）' },
  key: { en: 'needs a key of the server: its tests have one', ja: 'サーバーの鍵が必要（テストは鍵を持つ）' },
  inside: { en: 'not visible from outside: its tests look inside', ja: '外からは見えない（テストで内部を確認）' },
};

/** The sections of the list by their prefix; the list itself is in English. */
export const SECTION_TITLES: Readonly<Record<string, Text>> = {
  POL: { en: 'One server, several client policies', ja: '一つのサーバー、複数のクライアント方針' },
  TLS: { en: 'TLS', ja: 'TLS' },
  EDGE: { en: 'A proxy that ends TLS', ja: 'TLS を終端するプロキシ' },
  META: { en: 'Metadata and keys', ja: 'メタデータと鍵' },
  PAR: { en: 'Pushed authorization requests', ja: 'プッシュ型認可リクエスト' },
  AUTH: { en: 'Authorization endpoint', ja: '認可エンドポイント' },
  TOK: { en: 'Token endpoint', ja: 'トークンエンドポイント' },
  INFO: { en: 'Introspection, revocation, userinfo', ja: 'イントロスペクション、失効、UserInfo' },
  RS: { en: 'Resource server', ja: 'リソースサーバー' },
  CLI: { en: 'Client', ja: 'クライアント' },
  CIBA: { en: 'Backchannel authentication', ja: 'バックチャネル認証' },
};

export const VERDICT_WORDS = {
  requirement: { en: 'requirement', ja: '要件' },
  standing: { en: 'verdict', ja: '判定' },
  seen: { en: 'expected, and seen', ja: '期待と実際' },
  proof: { en: 'clause, test, file', ja: '条項、テスト、ファイル' },
  expected: { en: 'expected', ja: '期待' },
  observed: { en: 'seen', ja: '実際' },
  asking: { en: 'asking', ja: '確認中' },
  notBuilt: { en: 'no code or no test names it yet', ja: '対応するコードまたはテストがまだない' },
  ownRule: { en: 'a rule of this platform', ja: 'このプラットフォーム独自の規則' },
  moreTests: { en: 'more', ja: '件' },
} as const satisfies Record<string, Text>;
