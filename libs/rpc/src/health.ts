import { EventEmitter, once } from 'node:events';
import { HealthCheckResponse_ServingStatus as Status } from './gen/grpc/health/v1/health.ts';
import type { HealthService } from './gen/grpc/health/v1/health.ts';
import { RpcError } from './rpc-error.ts';
import type { Handlers } from './service-definition.ts';

export interface Health {
  readonly handlers: Handlers<typeof HealthService>;
  set(serving: boolean): void;
}

/**
 * The standard health service over one flag for the whole process.
 * @param services full names that may be asked about, beside the empty name for the process.
 */
export function health(services: readonly string[], serving: boolean): Health {
  const changes = new EventEmitter().setMaxListeners(0);
  const known = new Set(['', ...services]);
  const statusOf = (service: string) =>
    known.has(service) ? (serving ? Status.SERVING : Status.NOT_SERVING) : Status.SERVICE_UNKNOWN;
  return {
    handlers: {
      async check({ service }) {
        if (!known.has(service)) throw new RpcError('not_found');
        return { status: statusOf(service) };
      },
      async *watch({ service }, { signal }) {
        for (;;) {
          const status = statusOf(service);
          yield { status };
          while (statusOf(service) === status) await once(changes, 'change', { signal });
        }
      },
    },
    set(next) {
      serving = next;
      changes.emit('change');
    },
  };
}
