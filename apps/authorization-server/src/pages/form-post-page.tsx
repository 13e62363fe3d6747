import { createHash } from 'node:crypto';
import type { AuthorizationResponse } from '@holdfast/fapi';
import type { Page } from '@holdfast/host';
import type { FastifyRequest } from 'fastify';
import { raw } from 'hono/html';
import { pageCsp } from './csp.ts';
import { knownLanguage } from './language.ts';
import { Layout, pageHtml } from './layout.tsx';
import { textsIn } from './texts.ts';

/**
 * OAUTH-FORM-POST-2: the form posts itself. The only script of these pages, pinned by its hash; without it a person
 * presses the button.
 */
const SUBMIT = 'document.forms[0].submit()';
const SUBMIT_HASH = `'sha256-${createHash('sha256').update(SUBMIT).digest('base64')}'`;

/** Carries an authorization response to the client in the body of a request, where no log and no history keeps it. */
export function formPostPage(
  { action, fields }: Extract<AuthorizationResponse, { kind: 'form_post' }>,
  request: FastifyRequest,
): Page {
  const language = knownLanguage(request);
  const texts = textsIn(language);
  const page = (
    <Layout language={language} title={texts.formPostTitle}>
      <h1>{texts.formPostTitle}</h1>
      <form method="post" action={action} class="stack">
        {Object.entries(fields).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <p>{texts.formPostLead(new URL(action).host)}</p>
        <button id="form-post-continue" type="submit" class="primary">
          {texts.formPostButton}
        </button>
      </form>
      <script>{raw(SUBMIT)}</script>
    </Layout>
  );
  return { html: pageHtml(page), csp: pageCsp(action, SUBMIT_HASH) };
}
