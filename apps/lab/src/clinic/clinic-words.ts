import { CERTIFICATE_FINDINGS } from '@holdfast/mtls';
import type { FindingCode } from '@holdfast/mtls';
import type { FoundAt } from '@holdfast/mtls/clinic';
import type { Language, Text } from '../run/text.ts';
import { say } from '../run/text.ts';
import type { Told } from './examine.ts';

export const CLINIC_WORDS = {
  clinic: { en: 'Clinic', ja: 'クリニック' },
  headline: { en: 'What ails this certificate?', ja: 'この証明書、どこが悪い？' },
  lede: {
    en: 'Each patient is a certificate that is wrong in one respect, or in none. It is shown to the running authorization server and to the bank, over real connections, now. Both answer with a code, and the audit trail has the same one.',
    ja: '患者はどれも、一か所だけ問題のある証明書か、健康な証明書です。稼働中の認可サーバーと銀行に、実際の接続で今提示します。どちらもコードで答え、監査記録にも同じコードが残ります。',
  },
  examineAll: { en: 'Examine all', ja: 'すべて診察' },
  examining: { en: 'Examining', ja: '診察中' },
  notSeen: { en: 'not examined yet', ja: '未診察' },
  away: {
    en: 'The platform is not there, so nobody could be examined.',
    ja: 'システムに接続できないため、診察できませんでした。',
  },
  presented: { en: 'presented', ja: '提示したもの' },
  authorizationServer: { en: 'authorization server', ja: '認可サーバー' },
  bank: { en: 'bank', ja: '銀行' },
  onPaper: { en: 'from the files alone', ja: 'ファイルだけでの診断' },
  hint: { en: 'How one comes by it', ja: '原因' },
  remedy: { en: 'What helps', ja: '対処' },
  taken: { en: 'taken', ja: '受け入れ' },
  sound: { en: 'nothing found', ja: '異常なし' },
  harmlessHere: { en: 'works here, and not with every peer', ja: 'ここでは通るが、相手によっては通らない' },
  handshake: { en: 'ended in the handshake', ja: 'ハンドシェイクで終了' },
  client: { en: 'the client’s own library refuses', ja: 'クライアント側のライブラリが拒否' },
  asExpected: { en: 'as it should be', ja: '期待どおり' },
  wrong: { en: 'NOT AS IT SHOULD BE', ja: '期待と異なる' },
  wellTitle: { en: 'Taken', ja: '受け入れるもの' },
  illTitle: { en: 'Refused by the listener', ja: 'サーバーが拒否するもの' },
  speechlessTitle: { en: 'Ended before anybody could say why', ja: '理由を告げる前に終わるもの' },
} as const satisfies Record<string, Text>;

/** Parts of the page, by where a patient's fault shows. */
export const PLACES: Readonly<Record<Exclude<FoundAt, 'listener'>, Text>> = {
  handshake: CLINIC_WORDS.handshake,
  client: CLINIC_WORDS.client,
};

/** The word of one door in one line. */
export function toldInWords(told: Told, language: Language): string {
  if (told.taken) return say(CLINIC_WORDS.taken, language);
  if (told.code !== undefined) return told.code;
  if (told.foundAt === 'handshake' || told.foundAt === 'client') return say(PLACES[told.foundAt], language);
  return told.answer;
}

export const findingOf = (code: FindingCode) => CERTIFICATE_FINDINGS[code];
