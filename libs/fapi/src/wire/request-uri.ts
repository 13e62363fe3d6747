const PREFIX = 'urn:ietf:params:oauth:request_uri:';

/** RFC9126-2.2 [PAR-02]: a handle that cannot be guessed, in the namespace registered for it. */
export const makeRequestUri = (secret: string): string => PREFIX + secret;

/**
 * Whether a text can be one of our handles at all. A URL of somewhere else is never fetched: it is simply not a handle.
 */
export const isRequestUri = (text: string): boolean =>
  text.startsWith(PREFIX) && /^[A-Za-z0-9_-]{43,86}$/.test(text.slice(PREFIX.length));
