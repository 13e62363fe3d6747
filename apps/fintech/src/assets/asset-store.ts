import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { AssetUrls } from '../pages/page-context.ts';

/** A static file as it is sent. */
export interface Asset {
  readonly type: string;
  readonly content: Buffer;
}

// Beside src and dist alike, so the same relative path serves both.
const FOLDER = new URL('../../assets/', import.meta.url);

const TYPES = { svg: 'image/svg+xml', css: 'text/css; charset=utf-8' } as const;

/** The static files, read once, each under a name that holds the hash of its content. */
export class AssetStore {
  readonly #byName = new Map<string, Asset>();
  readonly urls: AssetUrls;

  constructor(folder: URL = FOLDER) {
    const contours = this.#add(folder, 'contours', 'svg');
    this.urls = {
      mark: this.#add(folder, 'mark', 'svg'),
      pool: this.#add(folder, 'pool', 'svg'),
      // The stylesheet is hashed after the names it refers to, so that it changes when they do.
      stylesheet: this.#add(folder, 'tidepool', 'css', (css) =>
        css.replace("url('contours.svg')", `url('${contours}')`),
      ),
    };
  }

  /** The file of a name, such as `tidepool-3fa9….css`; undefined when there is none. Nothing is looked up on disk. */
  find(name: string): Asset | undefined {
    return this.#byName.get(name);
  }

  #add(folder: URL, name: string, kind: keyof typeof TYPES, edit = (text: string) => text): string {
    const content = Buffer.from(edit(readFileSync(new URL(`${name}.${kind}`, folder), 'utf8')));
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 16);
    const hashed = `${name}-${hash}.${kind}`;
    this.#byName.set(hashed, { type: TYPES[kind], content });
    return `/assets/${hashed}`;
  }
}
