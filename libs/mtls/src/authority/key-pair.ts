export type KeyKind = 'P-256' | 'RSA-2048';
