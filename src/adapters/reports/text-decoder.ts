import { isUtf8 } from 'node:buffer';
import { ReportFlaw } from './report-flaw.ts';

/** Encodings by which XML may say that it is written; every other is refused. */
const ENCODINGS: Readonly<Record<string, string>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'us-ascii': 'utf-8',
  ascii: 'utf-8',
  'iso-8859-1': 'windows-1252',
  'windows-1252': 'windows-1252',
};

/** Bytes as text, without the byte order mark. Throws a ReportFlaw that names the byte where they are no text. */
export function textDecoder(encoding = 'utf-8') {
  const label = Object.hasOwn(ENCODINGS, encoding) ? ENCODINGS[encoding] : undefined;
  if (label === undefined)
    throw new ReportFlaw(`expected UTF-8, saw the encoding '${encoding.slice(0, 40)}'`, '');
  const decoder = new TextDecoder(label, { fatal: true });
  let before = 0;
  return {
    write: (chunk: Uint8Array): string => {
      try {
        const text = decoder.decode(chunk, { stream: true });
        before += chunk.length;
        return text;
      } catch {
        throw new ReportFlaw(`not ${label.toUpperCase()}`, `byte ${before + firstBad(chunk)}`);
      }
    },
    end: (): string => {
      try {
        return decoder.decode();
      } catch {
        throw new ReportFlaw('cut off in the middle of a character', `byte ${before}`);
      }
    },
  };
}

/** Where a chunk stops being text, near enough: a character that begins in the chunk before counts from its end. */
function firstBad(chunk: Uint8Array): number {
  let good = 0;
  let bad = chunk.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isText(chunk.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

/** The last bytes may be the beginning of a character. */
function isText(bytes: Uint8Array): boolean {
  for (let cut = 1; cut <= 3; cut += 1) {
    const lead = bytes[bytes.length - cut] ?? 0;
    const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    const isLead = lead >= 0xc2 && lead <= 0xf4;
    if (isLead && length > cut) return isUtf8(bytes.subarray(0, bytes.length - cut));
  }
  return isUtf8(bytes);
}

/** What the declaration of an XML document says; UTF-8 where it says nothing. */
export function xmlEncoding(head: Uint8Array): string {
  const text = Buffer.from(head.subarray(0, 200)).toString('latin1');
  const [, encoding] = /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"']+)["']/.exec(text) ?? [];
  return (encoding ?? 'utf-8').toLowerCase();
}
