import { z } from 'zod';

/**
 * The one description of a bank client: what `npm run client` reads and what an export of registered test clients writes. What is
 * registered metadata bears its registered name (RFC7591-2, RFC8705-2.1.2, RFC9101-10.5, CIBA-CORE-4, JARM-3), so that a
 * file can be compared with any server's registration line by line.
 */

/** FAPI2-SP-FINAL-5.4.1, FAPI1-ADV-8.6: the only signature algorithms of these profiles. */
export const SIGNING_ALGORITHMS = ['PS256', 'ES256', 'EdDSA'] as const;

const algorithm = z.enum(SIGNING_ALGORITHMS);

const httpsUrl = z.string().refine((text) => URL.parse(text)?.protocol === 'https:', 'is not an https URL');

const pemOrPath = z.string().min(1).describe('PEM text, or the path of a PEM file, seen from the folder of this file');

const privateJwk = z
  .looseObject({
    kty: z.enum(['RSA', 'EC', 'OKP']),
    kid: z.string().min(1),
    alg: algorithm,
    use: z.literal('sig').optional(),
    d: z.string({ error: 'is missing: the key is not private' }).min(1),
  })
  .describe('a private key; the server knows its public half under the same kid');

const notification = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('the address to listen on'),
    certificate: pemOrPath,
    key: pemOrPath,
  })
  .describe('the TLS identity under which the notification endpoint answers');

const ciba = z
  .strictObject({
    login_hint: z.string().min(1).optional(),
    login_hint_token: z.string().min(1).optional(),
    id_token_hint: z.string().min(1).optional(),
    binding_message: z.string().min(1).optional(),
    approval_page: httpsUrl
      .optional()
      .describe('where the person of `login` agrees on another device; without it somebody else does'),
    requested_expiry: z.number().int().positive().optional().describe('seconds'),
    backchannel_client_notification_endpoint: httpsUrl.optional().describe('as registered; needed for ciba-ping'),
    notification: notification.optional(),
  })
  // CIBA-CORE-7.1: exactly one hint says whom it is about.
  .refine(
    ({ login_hint, login_hint_token, id_token_hint }) =>
      [login_hint, login_hint_token, id_token_hint].filter((hint) => hint !== undefined).length === 1,
    'needs exactly one of login_hint, login_hint_token and id_token_hint',
  );

const authorizationDetails = z.array(z.looseObject({ type: z.string().min(1) }));

const ownAccess = z
  .strictObject({
    scope: z.string().min(1).optional(),
    authorization_details: authorizationDetails.optional(),
    resource: httpsUrl
      .nullable()
      .optional()
      .describe('null where no resource takes the token of a client: then the server is asked what it knows of it'),
  })
  .describe('what is asked for and shown by client-credentials, where it is not what a person grants');

const shape = z.strictObject({
  issuer: httpsUrl
    // RFC8414-2: neither query nor fragment.
    .refine((text) => !/[?#]/.test(text), 'has a query or a fragment')
    .describe('to the letter as the server names itself'),
  client_id: z.string().min(1),
  profile: z.enum(['fapi2-security', 'fapi2-message-signing', 'fapi1-advanced', 'fapi-ciba']),
  token_endpoint_auth_method: z.enum(['tls_client_auth', 'self_signed_tls_client_auth', 'private_key_jwt']),
  token_endpoint_auth_signing_alg: algorithm
    .optional()
    .describe('for private_key_jwt; that of the first key if absent'),
  sender_constraint: z.enum(['mtls', 'dpop']),
  dpop_signing_alg: algorithm.default('ES256').describe('a key of this kind is made for each run'),
  jwks: z.strictObject({ keys: z.array(privateJwk).min(1) }).optional(),
  certificate: pemOrPath.optional(),
  key: pemOrPath.optional(),
  trust: pemOrPath.describe('the authorities of the servers; the word `public` for those every browser trusts'),
  redirect_uri: httpsUrl.optional().describe('as registered; it is recognised and never fetched'),
  scope: z.string().min(1).optional(),
  authorization_details: authorizationDetails.optional(),
  resource: httpsUrl.describe('what the token is shown to, by GET; never taken from the server'),
  client_credentials: ownAccess.optional(),
  response_mode: z
    .enum(['query', 'fragment', 'form_post', 'jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt'])
    .optional(),
  request_object_signing_alg: algorithm.optional().describe('that of the first key if absent'),
  id_token_signed_response_alg: algorithm.optional(),
  authorization_signed_response_alg: algorithm.optional().describe('of JARM; id_token_signed_response_alg if absent'),
  login: z.strictObject({ name: z.string().min(1), password: z.string().min(1) }).optional(),
  ciba: ciba.optional(),
});

/** Whether the person's part of the answer comes as a signed JWT. JARM-2.3. */
export const isJarm = (mode: string | undefined): boolean => mode !== undefined && /(^|\.)jwt$/.test(mode);

export const isOpenId = (scope: string | undefined): boolean => scope?.split(' ').includes('openid') ?? false;

/** The schema of a client file, with the rules that concern more than one field; each names the field to look at. */
export const clientFileSchema = shape.superRefine((file, context) => {
  const demand = (holds: boolean, field: keyof typeof shape.shape, message: string): void => {
    if (!holds) context.addIssue({ code: 'custom', path: [field], message });
  };
  demand((file.certificate === undefined) === (file.key === undefined), 'key', 'and certificate go together');
  const byCertificate = file.token_endpoint_auth_method !== 'private_key_jwt' || file.sender_constraint === 'mtls';
  demand(
    !byCertificate || file.certificate !== undefined,
    'certificate',
    'is missing: client authentication or sender constraint is by certificate',
  );
  const signs = file.token_endpoint_auth_method === 'private_key_jwt' || file.profile !== 'fapi2-security';
  demand(!signs || file.jwks !== undefined, 'jwks', 'is missing: this client signs assertions or requests');
  demand(
    !isOpenId(file.scope) || file.id_token_signed_response_alg !== undefined,
    'id_token_signed_response_alg',
    'is missing: with the scope openid there are ID tokens to judge',
  );
  demand(
    !isJarm(file.response_mode) ||
      (file.authorization_signed_response_alg ?? file.id_token_signed_response_alg) !== undefined,
    'authorization_signed_response_alg',
    'is missing: with this response_mode there are signed answers to judge',
  );
  // FAPI1-ADV-5.2.2-5: the certificate is the only sender constraint of that profile.
  const older = file.profile === 'fapi1-advanced';
  demand(!older || file.sender_constraint === 'mtls', 'sender_constraint', 'is mtls in the profile fapi1-advanced');
  demand(
    file.scope !== undefined || file.authorization_details !== undefined,
    'scope',
    'is missing, and so is authorization_details: nothing would be asked for',
  );
});

/** What a client file holds once it was judged. */
export type ClientFile = z.output<typeof clientFileSchema>;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** The first thing that is wrong with a client file, in one line. */
export function firstFault(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return 'is not a client file';
  if (issue.code === 'unrecognized_keys') return `${pathOf(issue.path, issue.keys[0])} is no field of a client file`;
  return `${pathOf(issue.path)} ${issue.message}`;
}

function pathOf(path: readonly PropertyKey[], last?: string): string {
  return [...path, ...(last === undefined ? [] : [last])].map(String).join('.') || 'the file';
}
