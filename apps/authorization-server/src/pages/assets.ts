import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A file the pages use, read once. */
export interface Asset {
  readonly path: string;
  readonly type: string;
  readonly content: Buffer;
}

function load(name: string, type: string, pathFor: (hash: string) => string): Asset {
  const content = readFileSync(new URL(`../../assets/${name}`, import.meta.url));
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return { path: pathFor(hash), type, content };
}

/** Named by its content: it can be cached for ever, and a change has another name. */
export const STYLESHEET = load('harbour.css', 'text/css; charset=utf-8', (hash) => `/assets/harbour-${hash}.css`);
export const MARK = load('harbour.svg', 'image/svg+xml', () => '/assets/harbour.svg');
