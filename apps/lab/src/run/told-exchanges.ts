import type { Shown } from './step.ts';

const MOST_TOLD = 4;

/**
 * Which of many exchanges to tell: different requests, up to a handful; of many alike the last, which is the one whose
 * audit event is shown.
 */
export function toldExchanges(exchanges: readonly Shown[]): { readonly told: readonly Shown[]; readonly more: number } {
  const lastOfKind = new Map(exchanges.map((shown) => [`${shown.sent.caller} ${shown.sent.line}`, shown] as const));
  const told = [...lastOfKind.values()].slice(-MOST_TOLD);
  return { told, more: exchanges.length - told.length };
}
