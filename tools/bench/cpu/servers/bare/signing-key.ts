import { SignJWT, generateKeyPair, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';

/** ES256 with the library that Holdfast signs with. */
export interface SigningKey {
  sign(typ: string, claims: JWTPayload): Promise<string>;
  verify(token: string): Promise<JWTPayload>;
}

export async function makeSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const kid = 'bare';
  return {
    sign: (typ, claims) => new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid, typ }).sign(privateKey),
    verify: async (token) => (await jwtVerify(token, publicKey, { algorithms: ['ES256'] })).payload,
  };
}
