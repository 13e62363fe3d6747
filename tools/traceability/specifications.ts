/**
 * The specifications a clause may name, and where each is published. A clause is the specification's short name, a section and,
 * where the section is a numbered list, the item: `RFC9126-2.2`, `RFC6749-B`, `FAPI2-SP-FINAL-5.3.2.1-8`.
 */
interface Specification {
  readonly title: string;
  /** Where a section stands. */
  readonly at: (section: string) => string;
  /** The numbered lists by section, with how many items each has; an item of anything else does not exist. */
  readonly lists?: Readonly<Record<string, number>>;
  /** Sections whose list is not the first thing after their first paragraph: the place of the list, for its anchor. */
  readonly listAt?: Readonly<Record<string, number>>;
}

const openid = 'https://openid.net/specs';

/** Anchors as xml2rfc wrote them before version 3; it numbers no list items. */
const older = (page: string) => (section: string) => `${openid}/${page}.html#rfc.section.${section}`;
const newer = (page: string) => (section: string) => `${openid}/${page}.html#section-${section}`;

const named: Readonly<Record<string, Specification>> = {
  'FAPI2-SP-FINAL': {
    title: 'FAPI 2.0 Security Profile',
    at: newer('fapi-security-profile-2_0-final'),
    lists: {
      '5.2.1': 5,
      '5.2.2': 2,
      '5.2.3': 3,
      '5.3.2.1': 14,
      '5.3.2.2': 14,
      '5.3.3.1': 13,
      '5.3.3.2': 7,
      '5.3.4': 5,
      '5.4.1': 4,
      '5.4.2': 3,
    },
    listAt: { '5.3.4': 3, '5.4.2': 4 },
  },
  'FAPI2-MS-FINAL': {
    title: 'FAPI 2.0 Message Signing',
    at: newer('fapi-message-signing-2_0-final'),
    lists: { '5.3.1': 5, '5.3.2': 5, '5.4.1': 1, '5.4.2': 2, '5.5.1': 1, '5.5.2': 2, '5.6.2': 1 },
    listAt: {},
  },
  'FAPI1-BASE': {
    title: 'FAPI 1.0 Part 1: Baseline',
    at: older('openid-financial-api-part-1-1_0-final'),
    lists: { '5.2.2': 22, '5.2.2.1': 6, '5.2.2.2': 1, '5.2.2.3': 1, '5.2.3': 11, '5.2.4': 4, '6.2.1': 14, '6.2.2': 5 },
  },
  'FAPI1-ADV': {
    title: 'FAPI 1.0 Part 2: Advanced',
    at: older('openid-financial-api-part-2-1_0-final'),
    lists: {
      '5.2.2': 18,
      '5.2.2.1': 6,
      '5.2.2.2': 1,
      '5.2.3': 16,
      '5.2.3.1': 5,
      '5.2.3.2': 1,
      '6.2.1': 2,
      '8.5': 2,
      '8.6': 3,
      '8.6.1': 1,
      '8.9': 3,
    },
  },
  'FAPI-CIBA': {
    title: 'FAPI: Client Initiated Backchannel Authentication Profile',
    at: older('openid-financial-api-ciba'),
    lists: { '5.2.2': 11, '5.2.3': 2, '5.2.4': 1, '6.2': 2, '7.10': 4, '7.11': 3 },
  },
  'CIBA-CORE': {
    title: 'OpenID Connect Client-Initiated Backchannel Authentication',
    at: older('openid-client-initiated-backchannel-authentication-core-1_0'),
  },
  'OIDC-CORE': {
    title: 'OpenID Connect Core 1.0',
    at: older('openid-connect-core-1_0'),
    lists: { '3.1.3.7': 13 },
  },
  'OIDC-DISCOVERY': { title: 'OpenID Connect Discovery 1.0', at: older('openid-connect-discovery-1_0') },
  'OIDC-REGISTRATION': {
    title: 'OpenID Connect Dynamic Client Registration 1.0',
    at: older('openid-connect-registration-1_0'),
  },
  GM: { title: 'Grant Management for OAuth 2.0', at: newer('fapi-grant-management-01') },
  'OAUTH-FORM-POST': {
    title: 'OAuth 2.0 Form Post Response Mode',
    at: older('oauth-v2-form-post-response-mode-1_0'),
  },
  'OAUTH-MULTIPLE-RESPONSE-TYPES': {
    title: 'OAuth 2.0 Multiple Response Type Encoding Practices',
    at: older('oauth-v2-multiple-response-types-1_0'),
  },
  JARM: { title: 'JWT Secured Authorization Response Mode', at: newer('oauth-v2-jarm-final') },
};

/** RFCs by number. */
const rfcs: Readonly<Record<string, string>> = {
  1918: 'Address Allocation for Private Internets',
  2104: 'HMAC',
  2585: 'Internet X.509 PKI Operational Protocols: FTP and HTTP',
  2985: 'PKCS #9',
  2986: 'PKCS #10',
  3279: 'Algorithms and Identifiers of the Internet X.509 PKI',
  3986: 'Uniform Resource Identifier',
  4055: 'RSA Algorithms in Internet X.509 PKI',
  4193: 'Unique Local IPv6 Unicast Addresses',
  4291: 'IPv6 Addressing Architecture',
  4343: 'DNS Case Insensitivity',
  4514: 'LDAP: String Representation of Distinguished Names',
  4517: 'LDAP: Syntaxes and Matching Rules',
  4648: 'Base64',
  5246: 'TLS 1.2',
  5280: 'Internet X.509 PKI Certificate and CRL Profile',
  5652: 'Cryptographic Message Syntax',
  5958: 'Asymmetric Key Packages',
  6265: 'HTTP State Management Mechanism',
  6585: 'Additional HTTP Status Codes',
  6749: 'The OAuth 2.0 Authorization Framework',
  6750: 'Bearer Token Usage',
  6761: 'Special-Use Domain Names',
  6797: 'HTTP Strict Transport Security',
  6960: 'Online Certificate Status Protocol',
  7009: 'OAuth 2.0 Token Revocation',
  7030: 'Enrollment over Secure Transport',
  7093: 'Additional Methods for Generating Key Identifiers',
  7292: 'PKCS #12',
  7515: 'JSON Web Signature',
  7516: 'JSON Web Encryption',
  7517: 'JSON Web Key',
  7518: 'JSON Web Algorithms',
  7519: 'JSON Web Token',
  7521: 'Assertion Framework for OAuth 2.0',
  7523: 'JWT Profile for Client Authentication',
  7591: 'OAuth 2.0 Dynamic Client Registration',
  7592: 'OAuth 2.0 Dynamic Client Registration Management',
  7617: 'The Basic HTTP Authentication Scheme',
  7636: 'Proof Key for Code Exchange',
  7638: 'JSON Web Key Thumbprint',
  7662: 'OAuth 2.0 Token Introspection',
  7797: 'JWS Unencoded Payload Option',
  7800: 'Proof-of-Possession Key Semantics for JWTs',
  8017: 'PKCS #1',
  8018: 'PKCS #5',
  8037: 'Edwards-curve Signatures in JOSE',
  8252: 'OAuth 2.0 for Native Apps',
  8259: 'JSON',
  8265: 'Preparation of Usernames and Passwords',
  8414: 'OAuth 2.0 Authorization Server Metadata',
  8446: 'TLS 1.3',
  8628: 'OAuth 2.0 Device Authorization Grant',
  8705: 'OAuth 2.0 Mutual-TLS',
  8707: 'Resource Indicators for OAuth 2.0',
  8725: 'JSON Web Token Best Current Practices',
  8941: 'Structured Field Values for HTTP',
  8951: 'Clarification of Enrollment over Secure Transport',
  9068: 'JWT Profile for Access Tokens',
  9101: 'JWT-Secured Authorization Request',
  9110: 'HTTP Semantics',
  9111: 'HTTP Caching',
  9112: 'HTTP/1.1',
  9113: 'HTTP/2',
  9126: 'OAuth 2.0 Pushed Authorization Requests',
  9207: 'OAuth 2.0 Authorization Server Issuer Identification',
  9325: 'Recommendations for Secure Use of TLS',
  9396: 'OAuth 2.0 Rich Authorization Requests',
  9440: 'Client-Cert HTTP Header Field',
  9449: 'OAuth 2.0 Demonstrating Proof of Possession',
  9525: 'Service Identity in TLS',
  9562: 'Universally Unique IDentifiers',
  9654: 'OCSP Nonce Extension',
  9700: 'Best Current Practice for OAuth 2.0 Security',
  9701: 'JWT Response for OAuth Token Introspection',
};

/** The numbered lists of RFCs that are named by their items. */
const rfcLists: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  7523: { '3': 10 },
  9449: { '4.3': 12 },
};

/** `2.2`, `5.3.2.1`; of an RFC also an appendix, `B` or `A.5`. */
const SECTION = /^(?:\d+(?:\.\d+)*|[A-F](?:\.\d+)*)$/;

/** Whether a clause names a specification we know, in its grammar, and an item that exists. */
export function isKnownClause(clause: string): boolean {
  return urlOf(clause) !== undefined;
}

/** Where a clause is published; undefined for a clause that is not known. */
export function urlOf(clause: string): string | undefined {
  const { name, section, item } = partsOf(clause);
  const specification = specificationNamed(name);
  if (specification === undefined || !SECTION.test(section)) return undefined;
  const page = specification.at(section);
  if (item === undefined) return page;
  const items = specification.lists?.[section] ?? 0;
  if (item < 1 || item > items) return undefined;
  return specification.listAt === undefined ? page : `${page}-${specification.listAt[section] ?? 2}.${item}`;
}

/** The title of the specification a clause belongs to. */
export function titleOf(clause: string): string {
  return specificationNamed(partsOf(clause).name)?.title ?? '';
}

function partsOf(clause: string): { name: string; section: string; item: number | undefined } {
  const [, name = '', section = '', item] = /^(.+?)-([A-F\d][\d.]*)(?:-(\d+))?$/.exec(clause) ?? [];
  return { name, section, item: item === undefined ? undefined : Number(item) };
}

function specificationNamed(name: string): Specification | undefined {
  if (Object.hasOwn(named, name)) return named[name];
  const number = /^RFC(\d{4})$/.exec(name)?.[1] ?? '';
  const title = rfcs[number];
  if (title === undefined) return undefined;
  const place = (section: string): string => (/^\d/.test(section) ? `section-${section}` : `appendix-${section}`);
  return {
    title,
    at: (section) => `https://www.rfc-editor.org/rfc/rfc${number}.html#${place(section)}`,
    lists: rfcLists[number] ?? {},
  };
}
