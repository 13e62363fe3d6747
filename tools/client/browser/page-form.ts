/** A field of a form as the page brings it. */
interface Field {
  readonly tag: (typeof FIELD_TAGS)[number];
  readonly type: string;
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly value: string;
  readonly checked: boolean;
}

/** A form of a page, read without running any script. */
export interface PageForm {
  readonly method: string;
  /** As written; empty for the address of the page itself. */
  readonly action: string;
  readonly fields: readonly Field[];
}

/**
 * Reads the forms of a page. Enough of HTML for pages that work without script; what it does not understand it leaves
 * out.
 */
export function parseForms(html: string): PageForm[] {
  const forms: { method: string; action: string; fields: Field[] }[] = [];
  let form: (typeof forms)[number] | undefined;
  for (const { name, own, inside } of tagsOf(html)) {
    if (name === '/form') form = undefined;
    else if (name === 'form') {
      form = {
        method: (attribute(own, 'method') ?? 'get').toLowerCase(),
        action: attribute(own, 'action') ?? '',
        fields: [],
      };
      forms.push(form);
    } else if (isFieldTag(name)) form?.fields.push(fieldOf(name, own, inside));
  }
  return forms;
}

/** Where the links of a page lead, as written. */
export function linksOf(html: string): string[] {
  return [...tagsOf(html)].flatMap(({ name, own }) => (name === 'a' ? (attribute(own, 'href') ?? []) : []));
}

/** The pieces of text between the tags of a page. */
export function textsOf(html: string): string[] {
  return html.split(/<[^<>]*>/).map((text) => decode(text).trim());
}

/** Whether the form has a field or button with this id. */
export const has = (form: PageForm, id: string): boolean => form.fields.some((field) => field.id === id);

/**
 * What a browser sends when a person types and presses: fields as the page brings them, unticked boxes left out, of a
 * group of radio buttons that nobody touched the first one.
 * @param typed by id
 * @param pressed id of the button
 */
export function fillIn(
  form: PageForm,
  typed: Readonly<Record<string, string>>,
  pressed: string | undefined,
): URLSearchParams {
  const sent = new URLSearchParams();
  for (const field of form.fields) {
    if (field.name === undefined || !isSent(form, field, pressed)) continue;
    const words = field.id === undefined ? undefined : typed[field.id];
    sent.append(field.name, words ?? field.value);
  }
  return sent;
}

function isSent(form: PageForm, field: Field, pressed: string | undefined): boolean {
  if (field.tag === 'button' || field.type === 'submit') return field.id !== undefined && field.id === pressed;
  if (field.type === 'button' || field.type === 'image' || field.type === 'reset') return false;
  if (field.type === 'checkbox') return field.checked;
  if (field.type !== 'radio') return true;
  const group = form.fields.filter(({ type, name }) => type === 'radio' && name === field.name);
  return field === (group.find(({ checked }) => checked) ?? group[0]);
}

interface Tag {
  readonly name: string;
  readonly own: string;
  /** What stands between the tags of a `select` or `textarea`. */
  readonly inside: string;
}

/** The tags of a page in order, in one pass however the page is made: comments and scripts are passed over. */
function* tagsOf(html: string): Generator<Tag> {
  const upTo = (mark: string, from: number): number => {
    const found = html.indexOf(mark, from);
    return found < 0 ? html.length : found;
  };
  for (let at = upTo('<', 0); at < html.length; at = upTo('<', at)) {
    if (html.startsWith('<!--', at)) {
      at = upTo('-->', at + 4);
      continue;
    }
    const end = upTo('>', at);
    const [, name = '', own = ''] = /^<(\/?[a-z]+)([^]*)/i.exec(html.slice(at, end)) ?? [];
    at = end;
    const tag = name.toLowerCase();
    const closed = ['script', 'select', 'textarea'].includes(tag) ? upTo(`</${tag}`, end) : end;
    if (tag !== 'script') yield { name: tag, own, inside: html.slice(end + 1, closed) };
    at = Math.max(at + 1, closed);
  }
}

const FIELD_TAGS = ['input', 'button', 'select', 'textarea'] as const;

const isFieldTag = (name: string): name is Field['tag'] => (FIELD_TAGS as readonly string[]).includes(name);

function fieldOf(tag: Field['tag'], own: string, inside: string): Field {
  return {
    tag,
    type: (attribute(own, 'type') ?? (tag === 'button' ? 'submit' : 'text')).toLowerCase(),
    id: attribute(own, 'id'),
    name: attribute(own, 'name'),
    value:
      tag === 'select'
        ? chosen(inside)
        : tag === 'textarea'
          ? decode(inside)
          : (attribute(own, 'value') ?? onDefault(own)),
    checked: /\schecked\b/i.test(own),
  };
}

const onDefault = (own: string): string => (/\btype\s*=\s*["']?(checkbox|radio)/i.test(own) ? 'on' : '');

function chosen(options: string): string {
  const all = [...options.matchAll(/<option\b([^>]*)>([^<]*)/gi)];
  const [, own = '', words = ''] = all.find(([, each = '']) => /\sselected\b/i.test(each)) ?? all[0] ?? [];
  return attribute(own, 'value') ?? decode(words.trim());
}

/** The value of an attribute, by whichever of the three ways it is written. */
export function attribute(own: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(own);
  const value = found?.[1] ?? found?.[2] ?? found?.[3];
  return value === undefined ? undefined : decode(value);
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

export function decode(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi, (whole, hex, decimal, name) => {
    if (typeof name === 'string') return ENTITIES[name.toLowerCase()] ?? whole;
    const point = typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
