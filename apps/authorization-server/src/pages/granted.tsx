import type { GrantOverview } from '@holdfast/fapi/as';
import type { Language } from './language.ts';
import { textsIn } from './texts.ts';

export interface GrantedProps {
  readonly language: Language;
  readonly grant: GrantOverview;
}

/** What a grant permits, in the words of the consent page. */
export function GrantedActions({ language, grant }: GrantedProps) {
  const texts = textsIn(language);
  return (
    <ul class="asked">
      {grant.actions.map((name) => (
        <li>{texts.action[name] ?? name}</li>
      ))}
      {grant.scopes.map((name) => (
        <li>{texts.scope[name] ?? name}</li>
      ))}
    </ul>
  );
}

/** The accounts a grant opens. */
export function GrantedAccounts({ language, grant }: GrantedProps) {
  const { accounts, namelessAccounts: nameless } = grant;
  return (
    <ul class="accounts">
      {accounts.map(({ name, maskedNumber, currency }) => (
        <li>
          <span class="account-name">{name}</span> <span class="account-number">{`${maskedNumber} · ${currency}`}</span>
        </li>
      ))}
      {nameless > 0 && <li class="quiet">{textsIn(language).namelessAccounts(nameless)}</li>}
    </ul>
  );
}

export const opensAccounts = ({ accounts, namelessAccounts }: GrantOverview): boolean =>
  accounts.length + namelessAccounts > 0;
