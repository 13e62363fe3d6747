export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS';

/** A route as the table writes it: `GET /accounts/:accountId`. */
export type RouteKey = `${Method} /${string}`;

/**
 * Everything one listener serves, and for each route the rule that guards it, in words. A registered route that is not in
 * the table stops the boot, and so does a row that no route answers to.
 */
export type Exposure = Readonly<Record<RouteKey, string>>;
