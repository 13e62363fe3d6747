import type { Question } from '@holdfast/fapi/as';
import type { Language } from './language.ts';
import { formatDate, textsIn } from './texts.ts';

export interface QuestionFieldsProps {
  readonly language: Language;
  readonly question: Question;
  /** What stands on the button that agrees. */
  readonly approve: string;
}

/**
 * The part of a form that asks a person for consent: exactly what the client asked for, the accounts to tick, the two
 * buttons.
 */
export function QuestionFields({ language, question, approve }: QuestionFieldsProps) {
  const texts = textsIn(language);
  const { client, details, scopes, accounts } = question;
  const actions = [...new Set(details.flatMap((detail) => detail.actions))];
  const movesMoney = details.some(({ instructedAmount }) => instructedAmount !== undefined);
  const nothingToShare = details.length > 0 && accounts.length === 0;
  return (
    <>
      <section aria-labelledby="what">
        <h2 id="what">{texts.consentWhat(client.name)}</h2>
        <ul class="asked">
          {actions.map((name) => (
            <li>{texts.action[name] ?? name}</li>
          ))}
          {scopes.map((name) => (
            <li>{texts.scope[name] ?? name}</li>
          ))}
        </ul>
        {details.map((detail) => (
          <Payment language={language} detail={detail} />
        ))}
      </section>
      {details.length > 0 && (
        <fieldset>
          <legend>{texts.consentAccounts}</legend>
          {accounts.map(({ id, name, maskedNumber, currency }) => (
            <label class="account">
              <input type="checkbox" name="account" value={id} checked />
              <span class="account-name">{name}</span>
              <span class="account-number">{`${maskedNumber} · ${currency}`}</span>
            </label>
          ))}
          {nothingToShare && <p>{texts.consentNoAccounts}</p>}
        </fieldset>
      )}
      <p class="quiet">
        {(movesMoney ? texts.consentEnds : texts.consentUntil)(formatDate(question.expiresAt, language))}{' '}
        <a href="/grants">{texts.consentLater}</a>
      </p>
      <div class="choices">
        {!nothingToShare && (
          <button id="consent-approve" name="decision" value="approve" type="submit" class="primary">
            {approve}
          </button>
        )}
        <button id="consent-deny" name="decision" value="deny" type="submit">
          {texts.deny}
        </button>
      </div>
    </>
  );
}

/** A payment, the amount first and large: nothing the client wrote may push it off the page. */
function Payment({ language, detail }: { readonly language: Language; readonly detail: Question['details'][number] }) {
  const { instructedAmount, creditorName, creditorAccount, remittanceInformationUnstructured } = detail;
  if (instructedAmount === undefined) return <></>;
  return (
    <dl class="payment">
      <dt>{textsIn(language).paymentAmount}</dt>
      <dd class="amount">{`${instructedAmount.currency} ${instructedAmount.amount}`}</dd>
      <dt>{textsIn(language).paymentCreditor}</dt>
      <dd>
        <bdi>{creditorName}</bdi> <span class="quiet">{creditorAccount?.iban}</span>
      </dd>
      {remittanceInformationUnstructured !== undefined && (
        <>
          <dt>{textsIn(language).paymentReference}</dt>
          <dd>
            <bdi>{remittanceInformationUnstructured}</bdi>
          </dd>
        </>
      )}
    </dl>
  );
}
