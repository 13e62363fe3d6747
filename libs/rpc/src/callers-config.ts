import { z } from 'zod';

/** The shape of `callers` in a process's configuration; whether the names fit what is served is checked at boot. */
export const callersConfig = z.record(
  z.string().regex(/^[\w.]+\/\w+$/, 'write it like holdfast.bank.v1.AccountDirectory/RevokeConsent'),
  z.array(z.string().min(1)).min(1, 'name at least one service'),
);
