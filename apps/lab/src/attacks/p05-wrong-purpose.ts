import type { Attack } from '../run/attack.ts';
import { showToControl, showToReal } from './bad-certificates.ts';
import { linkAlice, ownerIsServed } from './victim.ts';

const SERVER_ONLY = { en: 'a server’s certificate', ja: 'サーバー用の証明書' };
const NO_PURPOSE = { en: 'a certificate without a purpose', ja: '用途の書かれていない証明書' };
const WEB_SERVER = { en: 'a web server’s certificate from the web CA', ja: 'Web用認証局のWebサーバー証明書' };

export const wrongPurpose: Attack = {
  id: 'P05',
  slug: 'wrong-eku',
  title: { en: 'A certificate made for something else', ja: '別の用途の証明書' },
  story: {
    en: 'A server’s certificate is used to log in as a client. The authority signed it, but never for this.',
    ja: 'サーバー用の証明書をクライアントとして使います。認証局は署名しましたが、この用途のためではありません。',
  },
  attacker: 'A1, IMP',
  holds: {
    en: "certificates with the victim's names that are not for clients",
    ja: 'クライアント用ではない、被害者名義の証明書',
  },
  clauses: ['RFC8705-7.5', 'RFC5280-4.2.1.12'],
  control: 'naive-mtls',

  onControl: (stage) => {
    const { wrongPurpose: serverOnly, noPurpose } = stage.naive.held;
    return showToControl(stage, [
      { variant: 'a', what: SERVER_ONLY, certificate: serverOnly },
      { variant: 'b', what: NO_PURPOSE, certificate: noPurpose },
    ]);
  },

  async onReal(stage) {
    const victim = await linkAlice(stage);
    const { wrongPurpose: serverOnly, noPurpose, web } = stage.real.held;
    await showToReal(stage, victim, [
      { variant: 'a', what: SERVER_ONLY, certificate: serverOnly, reason: 'certificate_wrong_purpose' },
      // OpenSSL takes a certificate without the extension for fit for anything; the platform's own rule does not.
      { variant: 'b', what: NO_PURPOSE, certificate: noPurpose, reason: 'certificate_wrong_purpose' },
      // Wrong twice over: neither its purpose nor its authority fits. The purpose is found first.
      { variant: 'c', what: WEB_SERVER, certificate: web, reason: 'certificate_wrong_purpose' },
    ]);
    await ownerIsServed(stage, victim);
  },
};
