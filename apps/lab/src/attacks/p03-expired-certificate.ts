import type { Attack } from '../run/attack.ts';
import { showToControl, showToReal } from './bad-certificates.ts';
import { linkAlice, ownerIsServed } from './victim.ts';

const WHAT = { en: 'an expired certificate', ja: '期限切れの証明書' };

export const expiredCertificate: Attack = {
  id: 'P03',
  slug: 'expired',
  title: { en: 'Yesterday’s certificate', ja: '昨日までの証明書' },
  story: {
    en: 'A certificate that ran out yesterday turns up in a backup. Names, authority and key are right; only its time is over.',
    ja: '昨日期限が切れた証明書がバックアップから見つかります。名前も認証局も鍵も正しく、期限だけが過ぎています。',
  },
  attacker: 'A5, IMP',
  holds: {
    en: "an expired certificate of the victim, with its key, and Alice's token",
    ja: '被害者の期限切れ証明書と鍵、トークン',
  },
  clauses: ['RFC5280-6.1.3', 'RFC8705-7.5'],
  control: 'naive-mtls',

  onControl: (stage) => showToControl(stage, [{ variant: '', what: WHAT, certificate: stage.naive.held.expired }]),

  async onReal(stage) {
    const victim = await linkAlice(stage);
    const certificate = stage.real.held.expired;
    await showToReal(stage, victim, [{ variant: '', what: WHAT, certificate, reason: 'certificate_expired' }]);
    await ownerIsServed(stage, victim);
  },
};
