import { expect } from 'vitest';
import type { Exchange } from '../wire/raw-client.ts';
import { said } from '../wire/http.ts';
import type { Answer } from '../wire/http.ts';
import type { Trail } from '../wire/trail.ts';

/** How an attack must end: what the attacker is told, and what the operator is. */
export interface Refusal {
  readonly status: number;
  /** The public code. */
  readonly error: string;
  /** The private one. */
  readonly reason: string;
}

export const invalidClient = (reason: string): Refusal => ({ status: 401, error: 'invalid_client', reason });
export const invalidGrant = (reason: string): Refusal => ({ status: 400, error: 'invalid_grant', reason });
export const invalidRequest = (reason: string): Refusal => ({ status: 400, error: 'invalid_request', reason });
export const invalidToken = (reason: string): Refusal => ({ status: 401, error: 'invalid_token', reason });

/** A refusal, whole: the code on the wire with nothing beside it, the reason in the trail, and no secret there. */
export async function expectRefused(exchange: Exchange, refusal: Refusal, trail: Trail): Promise<void> {
  const { answer, interaction, sent } = exchange;
  const { event, line } = await trail.refusalOf(interaction);
  expect({ status: answer.status, error: toldBy(answer), reason: event.reason }).toEqual({ ...refusal });
  expect(answer.headers['location'], 'nobody is sent anywhere').toBeUndefined();
  expect(answer.headers['cache-control']).toContain('no-store');
  for (const secret of sent.filter((value) => value.length >= 32)) expect(line).not.toContain(secret.slice(-32));
}

/** The public code of a JSON answer, of a challenge, or of a page for a person. RFC6749-5.2, RFC6750-3.1. */
function toldBy(answer: Answer): string | undefined {
  if (answer.headers['content-type']?.startsWith('application/json') === true) {
    const { error, error_description: _, ...besides } = said(answer);
    expect(besides, 'an error alone').toEqual({});
    return String(error);
  }
  const challenge = answer.headers['www-authenticate'];
  return /error="([^"]+)"/.exec(challenge ?? '')?.[1] ?? /id="error-code">([^<]+)</.exec(answer.text)?.[1];
}
