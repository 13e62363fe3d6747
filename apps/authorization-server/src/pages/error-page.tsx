import type { OAuthError } from '@holdfast/fapi';
import type { FastifyRequest } from 'fastify';
import { knownLanguage } from './language.ts';
import { Layout, pageHtml } from './layout.tsx';
import { textsIn } from './texts.ts';

/** An error for a person: kind words, and the public code as a fixed marker for those who report it. */
export function errorPage(error: OAuthError, request: FastifyRequest): { status: number; html: string } {
  const language = knownLanguage(request);
  const texts = textsIn(language);
  const page = (
    <Layout language={language} title={texts.errorTitle}>
      <h1>{texts.errorTitle}</h1>
      <p class="lead">{texts.error[error.code] ?? texts.errorOther}</p>
      <p>{texts.errorLead}</p>
      <p class="quiet">
        {texts.errorCode}: <code id="error-code">{error.code}</code>
      </p>
    </Layout>
  );
  return { status: error.status, html: pageHtml(page) };
}
