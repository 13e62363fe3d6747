import { HomeMadeAuthority } from '../../certificates/home-made-authority.ts';
import { party } from '../../certificates/subject.ts';
import type { Caller, Route } from '../../wire/caller.ts';
import { Browser, logInAndDecide } from '../../wire/browser.ts';
import { Secret } from '../../wire/secret.ts';
import { ALICE } from '../weak-customers.ts';
import type { WeakServer } from '../weak-server.ts';
import { WeakTokens } from '../weak-tokens.ts';
import { AssertionBelievingAuthorizationServer } from './assertion-believing-authorization-server.ts';
import { BearerAuthorizationServer } from './bearer-authorization-server.ts';
import { startBearerBank } from './bearer-bank.ts';
import { MixedUpFintech, startThievingAuthorizationServer } from './mixed-up-fintech.ts';
import { StateIgnoringFintech } from './state-ignoring-fintech.ts';

/** The first control group: OAuth with plain bearer tokens, as a thief would wish for. */
export interface BearerStack {
  readonly authorizationServer: WeakServer;
  readonly bank: WeakServer;
  readonly fintech: WeakServer;
  /** Takes clients at their signed word. */
  readonly assertionBeliever: AssertionBelievingAuthorizationServer;
  /** A fintech with two banks, and the thief's one of them. */
  readonly mixedUpFintech: WeakServer;
  readonly thievingAuthorizationServer: WeakServer;
  /** A thief with nothing but an internet connection. */
  readonly thief: Caller;
  /** A fresh browser. It follows redirects between fintech and authorization server, or only among the given places. */
  browser(owner: string, places?: readonly string[]): Browser;
  /** Alice links her account in the weak fintech and looks at her balance. Everything the logs hold comes from this. */
  aliceUsesTheFintech(): Promise<void>;
  close(): Promise<void>;
}

export async function startBearerStack(): Promise<BearerStack> {
  const authority = new HomeMadeAuthority('control group: bearer');
  const held = authority.issue({ names: party({ commonName: 'bearer', ips: ['127.0.0.1'] }), purpose: 'server' });
  const tls = { cert: held.certificatePem, key: held.keyPem };
  const route: Route = { serverTrust: authority.certificatePem };

  const tokens = new WeakTokens();
  const issuer = new BearerAuthorizationServer(new WeakTokens(), tokens);
  await issuer.start(tls);
  const bank = await startBearerBank(tls, tokens);
  const fintech = new StateIgnoringFintech(route, issuer, bank);
  await fintech.start(tls);

  const assertionBeliever = new AssertionBelievingAuthorizationServer(tokens);
  await assertionBeliever.start(tls);
  const thieving = await startThievingAuthorizationServer(tls, () => issuer.server);
  const mixedUp = new MixedUpFintech(route, { honest: () => issuer.server, thieving: () => thieving });
  await mixedUp.start(tls);

  const servers = [issuer.server, bank, fintech.server, assertionBeliever.server, thieving, mixedUp.server];
  const everywhere = [issuer.server.url, fintech.server.url];
  const browser = (owner: string, places = everywhere) => new Browser(owner, route, places);
  return {
    authorizationServer: issuer.server,
    bank,
    fintech: fintech.server,
    assertionBeliever,
    mixedUpFintech: mixedUp.server,
    thievingAuthorizationServer: thieving,
    thief: { name: 'the thief', route },
    browser: (owner, places) => browser(owner, [...(places ?? everywhere)]),
    async aliceUsesTheFintech() {
      const alice = browser('Alice');
      await logInAndDecide(alice, await alice.open(`${fintech.server.url}/link`), ALICE);
    },
    async close() {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

/** What somebody who may read a log finds in it: the last match of `pattern`'s first group. */
export function readFromLog(server: WeakServer, pattern: RegExp): Secret {
  const found = server.accessLog.map((line) => pattern.exec(line)?.[1]).findLast((match) => match !== undefined);
  if (found === undefined) throw new Error(`the access log holds nothing like ${pattern}`);
  return new Secret(found);
}
