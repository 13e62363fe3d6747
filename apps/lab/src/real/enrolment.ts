import { generateKeyPairSync } from 'node:crypto';
import { certificationRequest } from '../certificates/certification-request.ts';
import { certificatesIn } from '../certificates/certs-only.ts';
import type { NamedParty } from '../certificates/subject.ts';
import type { Caller, HeldCertificate } from '../wire/caller.ts';
import { httpsCall } from '../wire/https-call.ts';
import { describeAnswer } from '../wire/wire-answer.ts';

/**
 * A new key, and a certificate for it from the platform's own authority. RFC7030-4.2.1
 * @param holder shows a certificate by which the authority knows whose names these are
 * @param url of the label: `https://ca.localhost:9843/.well-known/est/participants`
 */
export async function enrol(holder: Caller, url: string, names: NamedParty): Promise<HeldCertificate> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const exchange = await httpsCall(holder, {
    method: 'POST',
    url: `${url}/simpleenroll`,
    headers: [['content-type', 'application/pkcs10']],
    body: certificationRequest(names, privateKey).toString('base64'),
  });
  if (exchange.status !== 200) throw new Error(`the authority certified nothing: ${describeAnswer(exchange.answer)}`);
  return {
    certificatePem: certificatesIn(Buffer.from(exchange.body, 'base64'), privateKey),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
