import type { AuthorizationResponse } from '@holdfast/fapi';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Page } from './page.ts';
import { seeOther, sendPage } from './page.ts';

type FormPost = Extract<AuthorizationResponse, { kind: 'form_post' }>;

/** The page that posts an answer to the client; made by the application. OAUTH-FORM-POST-2. */
export type FormPostPage = (response: FormPost, request: FastifyRequest) => Page;

/**
 * Sends an answer of the authorization endpoint through the browser: by 303, or as a form that posts itself.
 * @throws TypeError when the answer is a form and the listener has no page for it
 */
export function sendAuthorizationResponse(
  response: AuthorizationResponse,
  request: FastifyRequest,
  reply: FastifyReply,
  formPostPage: FormPostPage | undefined,
): void {
  if (response.kind === 'redirect') {
    seeOther(reply, response.location);
    return;
  }
  if (formPostPage === undefined) throw new TypeError('this listener has no page for answers by form post');
  sendPage(reply, formPostPage(response, request));
}
