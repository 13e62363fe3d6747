import type { Child } from 'hono/jsx';
import type { ConnectionView } from '../link/connection.ts';
import { Layout } from './layout.tsx';
import type { PageContext } from './page-context.ts';
import { PostForm } from './post-form.tsx';

export interface ConnectionPageProps {
  readonly page: PageContext;
  readonly connection: ConnectionView;
  readonly notice?: string | undefined;
}

/** What is linked, since when and until when, how it is protected, and how to end it. */
export function ConnectionPage({ page, connection, notice }: ConnectionPageProps) {
  const { text } = page;
  return (
    <Layout page={page} title={text.connection.title} section="connection" notice={notice}>
      <h1>{text.connection.title}</h1>
      <p class="lede">{text.connection.intro(page.bank)}</p>
      <Facts page={page} connection={connection} />
      <Protection page={page} connection={connection} />
      <div class="partings">
        <Unlink page={page} />
        <Forget page={page} />
      </div>
    </Layout>
  );
}

function Facts({ page, connection }: { page: PageContext; connection: ConnectionView }) {
  const { connection: words } = page.text;
  const { endedAt } = connection;
  return (
    <dl class="facts">
      <Fact name={words.bank}>{page.bank}</Fact>
      <Fact name={words.state}>
        {endedAt === undefined ? (
          <span class="state state-active">{words.active}</span>
        ) : (
          <span class="state state-ended">{words.ended(page.format.moment(endedAt))}</span>
        )}
      </Fact>
      <Fact name={words.since}>{page.format.moment(connection.linkedAt)}</Fact>
      {connection.grantedUntil === undefined || endedAt !== undefined ? null : (
        <Fact name={words.grantedUntil} note={words.grantedUntilNote}>
          <time id="granted-until" datetime={connection.grantedUntil.toISOString()}>
            {page.format.moment(connection.grantedUntil)}
          </time>
        </Fact>
      )}
      <Fact name={words.until} note={words.untilNote(page.bank)}>
        {page.format.moment(connection.until)}
      </Fact>
      <Fact name={words.renewed}>{page.format.moment(connection.renewedAt)}</Fact>
      <Fact name={words.shared} note={words.lookOnly}>
        <ul class="shared">
          {connection.accountCount === undefined ? null : <li>{words.sharedAccounts(connection.accountCount)}</li>}
          {connection.actions.map((action) => (
            <li>{words.actions[action]}</li>
          ))}
        </ul>
      </Fact>
    </dl>
  );
}

function Fact({ name, note, children }: { name: string; note?: string; children: Child }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {children}
        {note === undefined ? null : <small>{note}</small>}
      </dd>
    </div>
  );
}

function Protection({ page, connection }: { page: PageContext; connection: ConnectionView }) {
  const { connection: words } = page.text;
  const { certificate } = connection;
  return (
    <details class="protection">
      <summary>{words.protectedTitle}</summary>
      <p>{words.protectedIntro}</p>
      <dl class="facts">
        <Fact name={words.thumbprint}>
          <code id="client-certificate-thumbprint">{certificate.thumbprint}</code>
        </Fact>
        <Fact name={words.tokenThumbprint}>
          {connection.tokenThumbprint === certificate.thumbprint ? (
            <code>{connection.tokenThumbprint}</code>
          ) : (
            words.tokenRenewal
          )}
        </Fact>
        <Fact name={words.subject}>
          <code>{certificate.subject}</code>
        </Fact>
        <Fact name={words.validUntil}>{page.format.moment(certificate.notAfter)}</Fact>
      </dl>
      <ul>
        {words.protections.map((sentence) => (
          <li>{sentence}</li>
        ))}
      </ul>
    </details>
  );
}

/** Two steps without a script: the button that acts is behind a disclosure. */
function Unlink({ page }: { page: PageContext }) {
  const { connection: words } = page.text;
  return (
    <section class="parting">
      <h2>{words.unlinkTitle}</h2>
      <p>{words.unlinkBody(page.bank)}</p>
      <details class="confirm">
        <summary id="unlink">{words.unlink(page.bank)}</summary>
        <PostForm page={page} action="/unlink">
          <button type="submit" id="unlink-confirm" class="danger">
            {words.unlinkSure}
          </button>
        </PostForm>
      </details>
    </section>
  );
}

function Forget({ page }: { page: PageContext }) {
  const { connection: words } = page.text;
  return (
    <section class="parting">
      <h2>{words.forgetTitle}</h2>
      <p>{words.forgetBody}</p>
      <PostForm page={page} action="/forget">
        <button type="submit" id="forget-device">
          {words.forgetTitle}
        </button>
      </PostForm>
    </section>
  );
}
