/**
 * What a request shall be like, DER: an EC key on P-256, a signature with ECDSA and SHA-256, and the alternative names as a
 * requested extension. RFC7030-4.5.2.
 *
 * SEQUENCE { SEQUENCE { ecPublicKey, SET { prime256v1 } }, ecdsa-with-SHA256, SEQUENCE { extensionRequest, SET { subjectAltName } } }
 */
export const CSR_ATTRIBUTES = Buffer.from(
  'MDUwFQYHKoZIzj0CATEKBggqhkjOPQMBBwYIKoZIzj0EAwIwEgYJKoZIhvcNAQkOMQUGA1UdEQ==',
  'base64',
);
