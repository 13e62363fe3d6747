import type { LoggerService } from '@nestjs/common';
import type { Logger } from '../log/log.ts';

/** Nest's own lines through our log: its progress reports are of interest only when debugging. */
export function nestLog(log: Logger): LoggerService {
  const line =
    (level: 'debug' | 'warn' | 'error') =>
    (message: unknown, ...rest: unknown[]): void => {
      const context = rest.findLast((item) => typeof item === 'string');
      log[level]({ context }, message instanceof Error ? message.message : String(message));
    };
  return {
    log: line('debug'),
    debug: line('debug'),
    verbose: line('debug'),
    warn: line('warn'),
    error: line('error'),
    fatal: line('error'),
  };
}
