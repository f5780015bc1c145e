import { Parser } from 'htmlparser2';

export type AssetKind = 'script' | 'stylesheet' | 'image' | 'font' | 'manifest' | 'other';

export interface Asset {
  readonly url: string;
  readonly kind: AssetKind;
}

const LINKS: Readonly<Record<string, AssetKind>> = {
  stylesheet: 'stylesheet',
  icon: 'image',
  'apple-touch-icon': 'image',
  manifest: 'manifest',
  modulepreload: 'script',
};

const PRELOADED: Readonly<Record<string, AssetKind>> = {
  script: 'script',
  style: 'stylesheet',
  image: 'image',
  font: 'font',
};

type Attributes = Readonly<Record<string, string>>;

/** What a browser would fetch with the page, each once, in the order of the page. */
export function assetsOf(html: string, page: string): readonly Asset[] {
  const found = new Map<string, Asset>();
  let base = page;
  const parser = new Parser({
    onopentag: (name, attributes) => {
      if (name === 'base' && attributes.href !== undefined && base === page)
        base = absolute(attributes.href, page) ?? page;
      for (const [reference, kind] of referencesOf(name, attributes)) {
        const url = absolute(reference, base);
        if (url !== null && !found.has(url)) found.set(url, { url, kind });
      }
    },
  });
  parser.end(html);
  return [...found.values()];
}

function referencesOf(name: string, attributes: Attributes): readonly (readonly [string, AssetKind])[] {
  const { src, href } = attributes;
  if (name === 'script' && src !== undefined) return [[src, 'script']];
  if (name === 'img' && src !== undefined) return [[src, 'image']];
  if (name !== 'link' || href === undefined) return [];
  const kind = kindOfLink(attributes);
  return kind === null ? [] : [[href, kind]];
}

function kindOfLink({ rel = '', as = '' }: Attributes): AssetKind | null {
  const words = rel.toLowerCase().split(/\s+/);
  if (words.includes('preload')) return PRELOADED[as.toLowerCase()] ?? 'other';
  const known = words.find((word) => LINKS[word] !== undefined);
  return known === undefined ? null : (LINKS[known] ?? null);
}

/** Null for what is not fetched over HTTP: `data:`, an empty reference. */
function absolute(reference: string, base: string): string | null {
  const text = reference.trim();
  if (text === '' || !URL.canParse(text, base)) return null;
  const url = new URL(text, base);
  url.hash = '';
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
}

const TYPES: Readonly<Record<AssetKind, RegExp>> = {
  script: /javascript|ecmascript|application\/json|wasm/,
  stylesheet: /^text\/css/,
  image: /^image\//,
  font: /font|octet-stream/,
  manifest: /json/,
  other: /^(?!text\/html)./,
};

/** A page that is served in place of what is missing has its own type, and status 200. */
export function isSaneType(kind: AssetKind, type: string): boolean {
  return TYPES[kind].test(type.toLowerCase());
}
