import { defineProcess } from '@holdfast/host';
import { startBank } from './bank.ts';
import { bankConfig } from './config.ts';

defineProcess({ name: 'bank', config: bankConfig, start: startBank });
