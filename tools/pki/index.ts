export { ensurePki } from './ensure-pki.ts';
export type { EnsurePkiOptions } from './ensure-pki.ts';
export { readPkiList } from './pki-list.ts';
