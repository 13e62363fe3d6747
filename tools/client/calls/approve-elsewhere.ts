import { approve } from '../browser/approve.ts';
import type { Party } from '../relying-party.ts';

/** The person's part on another device, where the client file says at which page; else somebody else does it. */
export async function approveElsewhere({ file, connections, steps }: Party): Promise<void> {
  const page = file.ciba?.approval_page;
  if (page === undefined) return;
  await steps.step('the other device', (checked) =>
    approve({
      call: connections.browser,
      page: new URL(page),
      login: file.login,
      bindingMessage: file.ciba?.binding_message,
      checked,
    }),
  );
}
