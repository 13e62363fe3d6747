import type { ListenerOptions } from '@holdfast/host';
import { interactionOf } from '@holdfast/host';
import type { PageSender } from './page-sender.ts';
import { toHtml } from './page-sender.ts';
import { ProblemPage } from './problem-page.tsx';
import type { ProblemKind } from './problem.ts';

type Refusal = Parameters<NonNullable<ListenerOptions['errorPage']>>;

/** A page for what the host refuses by itself: an unknown path, an unreadable form, too many requests, a fault of ours. */
export function refusalPage(
  pages: PageSender,
  error: Refusal[0],
  request: Refusal[1],
): { status: number; html: string } {
  const page = pages.context(request, undefined);
  const reference = interactionOf(request);
  return {
    status: error.status,
    html: toHtml(ProblemPage({ page, kind: kindOf(error.code), reason: error.reason, reference })),
  };
}

function kindOf(code: Refusal[0]['code']): ProblemKind {
  switch (code) {
    case 'not_found':
    case 'method_not_allowed':
      return 'page_unknown';
    case 'too_many_requests':
      return 'too_many_attempts';
    case 'server_error':
    case 'temporarily_unavailable':
      return 'unexpected';
    default:
      return 'request_forged';
  }
}
