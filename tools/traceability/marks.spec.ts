import { describe, expect, it } from 'vitest';
import { marksOfComment, marksOfTitle } from './marks.ts';

describe('the marks of a title', () => {
  it('are odd when they are neither a clause nor a line, whatever they resemble', () => {
    const { odd } = marksOfTitle('refuses [RFC-9126-2] [PAR-7] [FAPI2_SP-5] [OIDCC-3.1]');
    expect(odd).toEqual(['RFC-9126-2', 'PAR-7', 'OIDCC-3.1']);
  });

  it('stand in brackets and nowhere else', () => {
    expect(marksOfTitle('keeps RFC9126-2.2 and PAR-02')).toEqual({ clauses: [], lines: [], odd: [] });
  });

  it('are no addresses, weaknesses or lists', () => {
    expect(marksOfTitle('takes [::1], [] and [a, b] in spite of [CVE-2026-2293]')).toEqual({
      clauses: [],
      lines: [],
      odd: [],
    });
  });

  it('are clauses and lines, alone or several between two brackets', () => {
    expect(marksOfTitle('refuses it [RFC9126-2.2 PAR-02] [FAPI2-SP-FINAL-5.3.2.1-8] [FAPI-CIBA-5.2.2-1]')).toEqual({
      clauses: ['RFC9126-2.2', 'FAPI2-SP-FINAL-5.3.2.1-8', 'FAPI-CIBA-5.2.2-1'],
      lines: ['PAR-02'],
      odd: [],
    });
  });
});

describe('the marks of a comment', () => {
  it('are lines only in brackets, so that a name like PAR-02 in a sentence is none', () => {
    expect(marksOfComment('// As in PAR-02, and unlike CIBA-10.').lines).toEqual([]);
  });

  it('are no clauses without a section', () => {
    expect(marksOfComment('// CIBA-CORE, FAPI-CIBA: as OIDC-CORE says.').clauses).toEqual([]);
  });

  it('are clauses wherever they stand, without the full stop behind them', () => {
    const { clauses, lines } = marksOfComment(
      '// RFC6749-4.1.2, RFC6749-B and FAPI-CIBA-5.2.2-10 [CIBA-10]: so. OIDC-CORE-2.',
    );
    expect(clauses).toEqual(['RFC6749-4.1.2', 'RFC6749-B', 'FAPI-CIBA-5.2.2-10', 'OIDC-CORE-2']);
    expect(lines).toEqual(['CIBA-10']);
  });
});
