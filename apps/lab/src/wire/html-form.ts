import type { Field } from './https-call.ts';
import { Secret } from './secret.ts';

/** A form as a browser would submit it. */
export interface HtmlForm {
  /** Absolute. */
  readonly action: string;
  readonly method: 'GET' | 'POST';
  readonly inputs: readonly FormInput[];
  readonly buttons: readonly FormButton[];
}

export interface FormInput {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly type: string;
  readonly value: string;
  readonly checked: boolean;
}

export interface FormButton {
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly value: string;
}

interface Tag {
  readonly name: string;
  readonly closing: boolean;
  readonly attributes: ReadonlyMap<string, string>;
}

/** Finds the forms of a server-rendered page, in order. Enough of HTML for pages that work without script. */
export function readForms(html: string, pageUrl: string): readonly HtmlForm[] {
  const forms: HtmlForm[] = [];
  let open: { form: HtmlForm; inputs: FormInput[]; buttons: FormButton[] } | undefined;
  for (const tag of readTags(html)) {
    if (tag.name === 'form') {
      open = tag.closing ? undefined : beginForm(tag, pageUrl);
      if (open !== undefined) forms.push(open.form);
    } else if (open !== undefined && !tag.closing && tag.name === 'input') {
      const input = readInput(tag);
      if (input.type === 'submit') open.buttons.push(input);
      else open.inputs.push(input);
    } else if (open !== undefined && !tag.closing && tag.name === 'button') {
      open.buttons.push(readInput(tag));
    }
  }
  return forms;
}

/** The form that holds an input or button with this id. */
export function formWith(html: string, pageUrl: string, id: string): HtmlForm | undefined {
  return readForms(html, pageUrl).find((form) => [...form.inputs, ...form.buttons].some((part) => part.id === id));
}

/**
 * What a browser sends when a person filled in some fields and pressed a button: hidden inputs as found, checkboxes and
 * radio buttons only when checked, the pressed button's own value, nothing of the other buttons.
 *
 * @param typed values by *id* of the input
 */
export function submission(form: HtmlForm, typed: ReadonlyMap<string, string>, pressed: string): readonly Field[] {
  const fields: Field[] = [];
  for (const input of form.inputs) {
    if (input.name === undefined) continue;
    if ((input.type === 'checkbox' || input.type === 'radio') && !input.checked) continue;
    const value = (input.id === undefined ? undefined : typed.get(input.id)) ?? input.value;
    fields.push([input.name, input.type === 'password' || isRandom(value) ? new Secret(value) : value]);
  }
  const button = form.buttons.find(({ id }) => id === pressed);
  if (button?.name !== undefined) fields.push([button.name, button.value]);
  return fields;
}

/** Hidden fields carry request handles and tokens against forged posts; whatever looks drawn by lot is not for showing. */
function isRandom(value: string): boolean {
  return /^[\w+/=-]{20,}$/.test(value);
}

/** The text of the element with this id, tags removed, or `undefined`. */
export function textOf(html: string, id: string): string | undefined {
  const start = new RegExp(`<([a-z0-9]+)\\b[^>]*\\bid=["']?${id}["'\\s>]`, 'i').exec(html);
  if (start === null) return undefined;
  const from = html.indexOf('>', start.index + start[0].length - 1) + 1;
  const end = html.indexOf(`</${start[1]}`, from);
  return unescapeHtml(html.slice(from, end < 0 ? undefined : end).replace(/<[^>]*>/g, ' ')).trim();
}

/** Everything a person can read on the page, in one line. */
export function readableText(html: string): string {
  const visible = html.replace(/<(script|style)\b[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ');
  return unescapeHtml(visible).replace(/\s+/g, ' ').trim();
}

function beginForm(tag: Tag, pageUrl: string) {
  const inputs: FormInput[] = [];
  const buttons: FormButton[] = [];
  const action = new URL(tag.attributes.get('action') ?? pageUrl, pageUrl).href;
  const method = tag.attributes.get('method')?.toLowerCase() === 'post' ? 'POST' : 'GET';
  return { form: { action, method, inputs, buttons } as const, inputs, buttons };
}

function readInput(tag: Tag): FormInput {
  const { attributes } = tag;
  const type = attributes.get('type')?.toLowerCase() ?? (tag.name === 'button' ? 'submit' : 'text');
  return {
    id: attributes.get('id'),
    name: attributes.get('name'),
    type,
    value: attributes.get('value') ?? (type === 'checkbox' ? 'on' : ''),
    checked: attributes.has('checked'),
  };
}

function* readTags(html: string): Generator<Tag> {
  const visible = html.replace(/<!--[\s\S]*?-->/g, '');
  for (const match of visible.matchAll(/<(\/?)([a-z][a-z0-9-]*)((?:"[^"]*"|'[^']*'|[^'">])*)>/gi)) {
    const [, slash, name = '', attributes = ''] = match;
    yield { name: name.toLowerCase(), closing: slash === '/', attributes: readAttributes(attributes) };
  }
}

function readAttributes(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = '', quoted, single, bare] of text.matchAll(
    /([^\s=/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g,
  )) {
    attributes.set(name.toLowerCase(), unescapeHtml(quoted ?? single ?? bare ?? ''));
  }
  return attributes;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function unescapeHtml(text: string): string {
  return text.replace(/&(#\d+|#x[0-9a-f]+|[a-z]+);/gi, (whole: string, name: string) => {
    if (/^#x/i.test(name)) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith('#')) return String.fromCodePoint(Number(name.slice(1)));
    return NAMED[name.toLowerCase()] ?? whole;
  });
}
