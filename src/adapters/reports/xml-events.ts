import { SaxesParser } from 'saxes';
import { ReportFlaw } from './report-flaw.ts';
import { textDecoder, xmlEncoding } from './text-decoder.ts';
import { type XmlPieces, xmlPieces } from './xml-pieces.ts';

export interface XmlListener {
  readonly open: (element: string, attributes: Readonly<Record<string, string>>) => void;
  /** In pieces. */
  readonly text: (text: string) => void;
  readonly close: (element: string) => void;
}

const DEEPEST = 200;
/** A tag, a comment or a declaration that is longer would have to be kept whole. */
const LONGEST_MARKUP = 16 * 1024 * 1024;

/**
 * One XML document as it comes. No entity is declared and nothing is fetched: a DOCTYPE is refused. Throws a
 * ReportFlaw at what is not XML; characters that XML does not allow are let through, as logs are full of them.
 */
export function xmlEvents(listener: XmlListener, pieces: XmlPieces = xmlPieces()) {
  const parser = new SaxesParser({ position: true, xmlns: false as const });
  const seams = { line: 0, characters: 0 };
  let decoder: ReturnType<typeof textDecoder> | null = null;
  let depth = 0;
  const place = (): string => {
    const moved = seams.line === parser.line ? seams.characters : 0;
    return `line ${parser.line}, column ${Math.max(0, parser.column - moved)}`;
  };
  const wrong = (why: string): never => {
    throw new ReportFlaw(why, place());
  };
  parser.on('error', (error) => {
    const why = error.message.replace(/^\d+:\d+: /, '');
    if (why !== 'disallowed character.') wrong(`not XML: ${why.slice(0, 200)}`);
  });
  parser.on('doctype', () => wrong('a test report has no DOCTYPE'));
  parser.on('opentag', ({ name, attributes }) => {
    depth += 1;
    if (depth > DEEPEST) wrong(`nested more than ${DEEPEST} deep`);
    listener.open(name, attributes);
  });
  parser.on('text', listener.text);
  parser.on('cdata', listener.text);
  parser.on('closetag', ({ name }) => {
    depth -= 1;
    listener.close(name);
  });

  const give = (text: string): void => {
    parser.write(text);
    const seam = pieces.seamAfter(text);
    if (pieces.unending() > LONGEST_MARKUP) wrong(`markup of more than ${LONGEST_MARKUP} characters`);
    if (seam === '' || depth === 0) return;
    if (seams.line !== parser.line) Object.assign(seams, { line: parser.line, characters: 0 });
    seams.characters += seam.length;
    parser.write(seam);
  };
  return {
    place,
    write: (chunk: Uint8Array): void => {
      decoder ??= textDecoder(xmlEncoding(chunk));
      give(decoder.write(chunk));
    },
    end: (): void => {
      give(decoder?.end() ?? '');
      try {
        parser.close();
      } catch (error) {
        if (error instanceof ReportFlaw && error.message.startsWith('not XML: unclosed tag')) {
          throw new ReportFlaw(`cut off: ${error.message.replace('not XML: ', '')}`, error.position);
        }
        throw error;
      }
    },
  };
}
