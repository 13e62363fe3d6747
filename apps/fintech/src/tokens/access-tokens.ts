import type { ProcessContext } from '@holdfast/host';
import type { IdentitySource } from '@holdfast/mtls';
import type { BackChannel } from '../authorization-server/back-channel.ts';
import type { Links, LinkTokens } from '../link/links.ts';
import { Problem } from '../pages/problem.ts';
import { PROFILE } from '../profile.ts';
import type { Audit, Trail } from '../record-decision.ts';
import { recordDecision } from '../record-decision.ts';

export interface AccessTokenParts {
  readonly links: Links;
  readonly backChannel: BackChannel;
  /** The certificate tokens must be bound to now. */
  readonly identity: IdentitySource;
  readonly clock: ProcessContext<unknown>['clock'];
  readonly audit: Audit;
}

/** Hands out an access token that works over the connection of this moment. */
export class AccessTokens {
  readonly #parts: AccessTokenParts;
  /**
   * Refreshes under way, per link: a page makes many calls at once, and one refresh serves them all. Not a lock: another
   * replica may refresh at the same moment, which costs a call and breaks nothing, because the refresh token is not
   * rotated (FAPI2-SP-FINAL-5.3.2.1-9).
   */
  readonly #underWay = new Map<string, Promise<string>>();

  constructor(parts: AccessTokenParts) {
    this.#parts = parts;
  }

  /**
   * @param linkId whose token
   * @param interaction `x-fapi-interaction-id` of the page that needs it
   * @param rejected a token the bank has just refused; never handed out again
   * @throws Problem `connection_ended` when there is none to be had any more
   */
  async get(linkId: string, interaction: string, rejected?: string): Promise<string> {
    const held = this.#usable(await this.#parts.links.tokensOf(linkId), rejected);
    return held ?? this.#refreshOnce(linkId, interaction, rejected);
  }

  #refreshOnce(linkId: string, interaction: string, rejected: string | undefined): Promise<string> {
    const underWay = this.#underWay.get(linkId);
    if (underWay !== undefined) return underWay;
    const refresh = this.#refresh(linkId, interaction, rejected).finally(() => this.#underWay.delete(linkId));
    this.#underWay.set(linkId, refresh);
    return refresh;
  }

  async #refresh(linkId: string, interaction: string, rejected: string | undefined): Promise<string> {
    const { links, audit, identity } = this.#parts;
    // Read again: the refresh that ended a moment ago may have left what we need.
    const tokens = await links.tokensOf(linkId);
    const held = this.#usable(tokens, rejected);
    if (held !== undefined) return held;
    const trail: Trail = { interaction, presentedThumbprint: identity.current().leaf.thumbprint };
    if (tokens !== undefined) trail.expectedThumbprint = tokens.accessTokenThumbprint;
    trail.evidence = { why: this.#why(tokens, rejected) };
    return recordDecision(audit, 'token.refresh', trail, () => this.#exchange(linkId, tokens));
  }

  async #exchange(linkId: string, tokens: LinkTokens | undefined): Promise<string> {
    const { links, backChannel } = this.#parts;
    if (tokens === undefined) throw new Problem('connection_ended', { reason: 'link_gone' });
    if (tokens.refreshToken === undefined) {
      await links.ended(linkId);
      throw new Problem('connection_ended', { reason: 'no_refresh_token' });
    }
    try {
      const renewed = await backChannel.refresh(tokens.refreshToken);
      if (!(await links.renewed(linkId, renewed))) throw new Problem('connection_ended', { reason: 'link_gone' });
      return renewed.accessToken;
    } catch (error) {
      if (error instanceof Problem && error.reason === 'grant_ended') await links.ended(linkId);
      throw error;
    }
  }

  /** A token serves when it has time left and is bound to the certificate we present now. RFC8705-3. */
  #usable(tokens: LinkTokens | undefined, rejected: string | undefined): string | undefined {
    if (tokens?.accessToken === undefined || tokens.accessToken === rejected) return undefined;
    if (tokens.accessTokenThumbprint !== this.#parts.identity.current().leaf.thumbprint) return undefined;
    const left = tokens.accessTokenExpiresAt.getTime() - this.#parts.clock.now().getTime();
    return left > PROFILE.accessTokenMargin ? tokens.accessToken : undefined;
  }

  #why(tokens: LinkTokens | undefined, rejected: string | undefined): string {
    if (tokens === undefined) return 'link_gone';
    if (rejected !== undefined && tokens.accessToken === rejected) return 'rejected_by_bank';
    const { thumbprint } = this.#parts.identity.current().leaf;
    return tokens.accessTokenThumbprint === thumbprint ? 'expired' : 'certificate_renewed';
  }
}
