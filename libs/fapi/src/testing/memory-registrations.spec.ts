import { describe } from 'vitest';
import { clientRegistrationsContract } from './client-registrations-contract.ts';
import { MemoryRegistrations } from './memory-registrations.ts';

describe('the registrations in memory', () => {
  clientRegistrationsContract(() => {
    const registrations = new MemoryRegistrations();
    return Promise.resolve({ registrations, replica: () => Promise.resolve(registrations) });
  });
});
