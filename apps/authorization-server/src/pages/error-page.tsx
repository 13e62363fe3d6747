import type { OAuthError } from '@holdfast/fapi';
import { interactionOf } from '@holdfast/host';
import type { FastifyRequest } from 'fastify';
import { helpFor, kindOf } from './error-kinds.ts';
import { knownLanguage } from './language.ts';
import { Layout, pageHtml } from './layout.tsx';
import { textsIn } from './texts.ts';

/**
 * An error for a person: kind words and what to do, and fixed markers for those who report it or test for it: the public
 * code, the kind, and the interaction id under which the audit trail has the precise reason.
 */
export function errorPage(error: OAuthError, request: FastifyRequest): { status: number; html: string } {
  const language = knownLanguage(request);
  const texts = textsIn(language);
  const kind = kindOf(error);
  const page = (
    <Layout language={language} title={texts.errorTitle}>
      <h1>{texts.errorTitle}</h1>
      <p class="lead" data-error={kind} role="alert">
        {texts.error[kind]}
      </p>
      <p>{texts.errorHelp[helpFor(kind)]}</p>
      <dl class="report">
        <dt>{texts.errorCode}</dt>
        <dd>
          <code id="error-code">{error.code}</code>
        </dd>
        <dt>{texts.errorReference}</dt>
        <dd>
          <code id="interaction-id">{interactionOf(request)}</code>
        </dd>
      </dl>
    </Layout>
  );
  return { status: error.status, html: pageHtml(page) };
}
