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

/** The parts of the one stylesheet, in the order in which they build on each other. */
const STYLES = ['colours', 'ground', 'frame', 'controls', 'welcome', 'pool', 'accounts', 'statement']
  .concat(['connection', 'problem', 'motion'])
  .map((name) => `styles/${name}.css`);

/** The static files, read once, each under a name that holds the hash of its content. */
export class AssetStore {
  readonly #byName = new Map<string, Asset>();
  readonly urls: AssetUrls;

  constructor(folder: URL = FOLDER) {
    const read = (file: string): string => readFileSync(new URL(file, folder), 'utf8');
    const contours = this.#add('contours', 'svg', read('contours.svg'));
    // Hashed after the names it refers to, so that it changes when they do.
    const css = STYLES.map(read).join('\n').replace("url('contours.svg')", `url('${contours}')`);
    this.urls = {
      mark: this.#add('mark', 'svg', read('mark.svg')),
      pool: this.#add('pool', 'svg', read('pool.svg')),
      stylesheet: this.#add('tidepool', 'css', css),
    };
  }

  /** The file of a name, such as `tidepool-3fa9….css`; undefined when there is none. Nothing is looked up on disk. */
  find(name: string): Asset | undefined {
    return this.#byName.get(name);
  }

  #add(name: string, kind: keyof typeof TYPES, text: string): string {
    const content = Buffer.from(text);
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 16);
    const hashed = `${name}-${hash}.${kind}`;
    this.#byName.set(hashed, { type: TYPES[kind], content });
    return `/assets/${hashed}`;
  }
}
