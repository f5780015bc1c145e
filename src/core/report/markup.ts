/** HTML or SVG that may be written as it is. Anything else is text, and is escaped. */
export interface Markup {
  readonly markup: string;
}

export type Fill = string | number | Markup | readonly Markup[] | null;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Controls that no HTML may hold, and formats that reorder what a reader sees. */
const UNSEEN = /(?![\t\n\u200c\u200d])[\p{Cc}\p{Cf}]/gu;

export function escapeHtml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
    .replace(UNSEEN, '')
    .replace(/\p{Cs}/gu, '\ufffd');
}

/** A template whose plain values are escaped, for element text and for quoted attributes. */
export function html(strings: TemplateStringsArray, ...values: readonly Fill[]): Markup {
  const parts = strings.map((literal, index) => literal + filled(values[index]));
  return { markup: parts.join('') };
}

function filled(value: Fill | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(Number(value.toFixed(2)));
  if ('markup' in value) return value.markup;
  return value.map((part) => part.markup).join('');
}

/** A value as JSON that cannot end the script element it stands in. */
export function scriptJson(value: unknown): Markup {
  return { markup: JSON.stringify(value).replace(/</g, '\\u003c') };
}
