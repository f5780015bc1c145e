import { oneLine } from './plain-text.ts';

/** Markdown that may be written as it is. Anything else is text, and is escaped. */
export interface Markdown {
  readonly markdown: string;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * Text that GitHub-flavoured markdown shows as it is, inside a line or a table cell: no HTML, no emphasis,
 * no link, no image, no table border, no formula, and nobody is mentioned.
 */
export function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replace(/[&<>]/g, (character) => ENTITIES[character] ?? '')
    .replace(/[\\`*_[\]|~#]/g, '\\$&')
    .replace(/\$/g, '<span>$$</span>')
    .replace(/@/g, '@&#8203;')
    .replace(/:\/\//g, '&#58;//')
    .replace(/www\./gi, (www) => `${www.slice(0, 3)}&#46;`);
}

/** A template whose plain values are escaped. */
export function md(
  strings: TemplateStringsArray,
  ...values: readonly (string | number | Markdown)[]
): Markdown {
  const parts = strings.map((literal, index) => literal + filled(values[index]));
  return { markdown: parts.join('') };
}

function filled(value: string | number | Markdown | undefined): string {
  if (value === undefined) return '';
  return typeof value === 'object' ? value.markdown : escapeMarkdown(String(value));
}

/** Text in a fixed-width face, safe in a table where back quotes are not. */
export function codeSpan(text: string): Markdown {
  const escaped = escapeMarkdown(text);
  return { markdown: escaped === '' ? '' : `<code>${escaped}</code>` };
}

/** A link, where the address is one for a browser; else only its label. */
export function link(label: string, url: string): Markdown {
  const text = escapeMarkdown(label);
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) return { markdown: text };
  const address = new URL(url).href.replace(/[()<>\\|`]/g, (character) => encodeURIComponent(character));
  return { markdown: `[${text}](${address.replaceAll('(', '%28').replaceAll(')', '%29')})` };
}

export function joinLines(lines: readonly Markdown[]): Markdown {
  return { markdown: lines.map((line) => line.markdown).join('\n') };
}

export type Cell = string | Markdown;

export interface Column {
  readonly title: string;
  readonly align?: 'right';
}

export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): Markdown {
  const line = (cells: readonly Cell[]): string => `| ${cells.map((cell) => filled(cell)).join(' | ')} |`;
  const rule = columns.map((column) => (column.align === 'right' ? '---:' : '---'));
  const head = [line(columns.map((column) => column.title)), `| ${rule.join(' | ')} |`];
  return { markdown: [...head, ...rows.map(line)].join('\n') };
}
