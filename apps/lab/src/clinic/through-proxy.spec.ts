import { PATIENTS } from '@holdfast/mtls/clinic';
import { describe, expect, it } from 'vitest';
import { asSeenThrough, proxyIn } from './through-proxy.ts';

const codes = (proxy: string | undefined, id: string) =>
  PATIENTS.filter((patient) => patient.id === id)
    .flatMap((patient) => asSeenThrough(proxy, patient))
    .map(({ code, foundAt }) => `${foundAt} ${code ?? 'taken'}`);

describe('a patient seen through a proxy', () => {
  it('is what it is without one, and behind one that is not known', () => {
    expect(codes(undefined, 'issued-by-leaf')).toEqual(['listener issued_by_leaf']);
    expect(codes('squid', 'issued-by-leaf')).toEqual(['listener issued_by_leaf']);
    expect(codes('toString', 'issued-by-leaf')).toEqual(['listener issued_by_leaf']);
  });

  it('may lack its chain behind nginx, and end in the handshake at HAProxy', () => {
    expect(codes('nginx', 'issued-by-leaf')).toEqual(['listener issued_by_leaf', 'listener chain_incomplete']);
    expect(codes('haproxy', 'issued-by-leaf')).toEqual(['listener issued_by_leaf', 'handshake issued_by_leaf']);
  });

  it('shows on paper what it shows without', () => {
    const [patient] = PATIENTS.filter(({ id }) => id === 'unknown-authority');
    expect(patient && asSeenThrough('nginx', patient).at(-1)).toMatchObject({
      code: 'chain_incomplete',
      onPaper: 'certificate_untrusted',
    });
  });

  it.each(['nginx', 'haproxy'])('is never taken behind %s unless it is without', (proxy) => {
    for (const patient of PATIENTS)
      for (const seen of asSeenThrough(proxy, patient))
        expect([patient.id, seen.code === undefined]).toEqual([patient.id, patient.code === undefined]);
  });

  it('names the last proxy that an answer came through [RFC9110-7.6.3]', () => {
    expect([undefined, '', '1.1 nginx', '1.0 cache, 1.1 haproxy'].map(proxyIn)).toEqual([
      undefined,
      undefined,
      'nginx',
      'haproxy',
    ]);
  });
});
