import { haproxy, nginx, startEdgeProxy } from '@holdfast/tools/platform';
import type { EdgeProxy, RunningProxy } from '@holdfast/tools/platform';
import type { World } from './global-setup.ts';

const KINDS = {
  nginx: nginx(),
  HAProxy: haproxy(),
  // The control group.
  'naive nginx': nginx('naive/nginx.conf'),
  'naive HAProxy': haproxy('naive/haproxy.cfg'),
} as const satisfies Record<string, EdgeProxy>;

export type ProxyName = keyof typeof KINDS;

/** Why a proxy cannot run on this machine; undefined when it can. */
export const whyNot = (name: ProxyName): string | undefined => KINDS[name].missing();

/** Starts a proxy in front of a platform that was started `behindProxy`, for as long as a suite needs it. */
export const runProxy = (name: ProxyName, { home, urls }: World): Promise<RunningProxy> =>
  startEdgeProxy(KINDS[name], { home, offset: Number(new URL(urls.bank).port) - 9543 });
