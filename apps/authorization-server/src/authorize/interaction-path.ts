const PREFIX = 'urn:ietf:params:oauth:request_uri:';

/**
 * The page of a request that was taken up. Named by the secret part of its handle, which this browser holds anyway; it
 * opens only together with the session that took it up.
 */
export const interactionPath = (requestUri: string): string => `/interaction/${requestUri.slice(PREFIX.length)}`;

/** The way back. */
export const requestUriOf = (handle: string): string => PREFIX + handle;
