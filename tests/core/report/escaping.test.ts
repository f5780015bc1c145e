import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeSpan, escapeMarkdown, md, table } from '../../../src/core/report/markdown.ts';
import { html, scriptJson } from '../../../src/core/report/markup.ts';
import { asSentence, clip, oneLine, utf8Bytes } from '../../../src/core/report/plain-text.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 60 });

describe('text of others in one line', () => {
  test('loses terminal commands, controls and direction overrides, and keeps its words', () => {
    const esc = String.fromCharCode(27);
    expect(oneLine(`${esc}[31mred${esc}[0m\nnext\tone`)).toBe('red next one');
    expect(oneLine(`${esc}]0;title${String.fromCharCode(7)}shell`)).toBe('shell');
    expect(oneLine('user\u202egnp.exe')).toBe('usergnp.exe');
    expect(oneLine('  half \ud800 pair ')).toBe('half \ufffd pair');
    expect(oneLine('می‌خواهم')).toBe('می‌خواهم');
  });

  test('never holds a control or a line break, whatever is given', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(oneLine(text)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
    );
  });

  test('is left as it is the second time', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(oneLine(oneLine(text))).toBe(oneLine(text));
      }),
    );
    expect(oneLine('!\t\u0000\tnext')).toBe('! next');
  });

  test('is cut between characters, with an ellipsis', () => {
    expect(clip('abcdef', 6)).toBe('abcdef');
    expect(clip('abcdefg', 6)).toBe('abcde…');
    expect(clip('ab😀cd', 4)).toBe('ab…');
    expect(clip('abc', 0)).toBe('');
  });

  test('is counted in the bytes that are written', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(utf8Bytes(text)).toBe(Buffer.byteLength(text));
      }),
    );
  });

  test('becomes a sentence once', () => {
    expect(asSentence('the router did not answer')).toBe('The router did not answer.');
    expect(asSentence('Really?')).toBe('Really?');
    expect(asSentence(' \n ')).toBe('');
  });
});

describe('markdown', () => {
  test('shows hostile text as text', () => {
    expect(escapeMarkdown('<img src=x onerror=alert(1)>')).toBe('&lt;img src=x onerror=alert(1)&gt;');
    expect(escapeMarkdown('a|b')).toBe('a\\|b');
    expect(escapeMarkdown('[click](https://evil.example)')).toBe('\\[click\\](https&#58;//evil.example)');
    expect(escapeMarkdown('`code` **bold** _it_ ~~no~~')).toBe(
      '\\`code\\` \\*\\*bold\\*\\* \\_it\\_ \\~\\~no\\~\\~',
    );
    expect(escapeMarkdown('a\n\n# heading\r\n| row |')).toBe('a \\# heading \\| row \\|');
    expect(escapeMarkdown('ping @octocat')).toBe('ping @&#8203;octocat');
    expect(escapeMarkdown('ends with \\')).toBe('ends with \\\\');
    expect(escapeMarkdown('costs $5 to $6')).toBe('costs <span>$</span>5 to <span>$</span>6');
    expect(escapeMarkdown('www.evil.example')).toBe('www&#46;evil.example');
  });

  test('keeps a table a table, whatever stands in a cell', () => {
    fc.assert(
      fc.property(anyText, anyText, (one, other) => {
        const rows = table([{ title: 'a' }, { title: 'b' }], [[one, codeSpan(other)]]).markdown.split('\n');
        expect(rows).toHaveLength(3);
        const borders = (rows[2] ?? '').replace(/\\\\/g, '').replace(/\\\|/g, '').match(/\|/g);
        expect(borders).toHaveLength(3);
      }),
    );
  });

  test('lets no tag of others through', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const tags = md`${text}`.markdown.match(/<[^>]*>?/g) ?? [];
        expect(tags.filter((tag) => tag !== '<span>' && tag !== '</span>')).toEqual([]);
      }),
    );
  });
});

describe('HTML', () => {
  test('shows hostile text as text, in elements and in attributes', () => {
    const hostile = `"><script>alert('x')</script>`;
    expect(html`<p title="${hostile}">${hostile}</p>`.markup).toBe(
      '<p title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;">&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;</p>',
    );
  });

  test('joins parts and leaves nothing for null', () => {
    const items = ['a', '<b>'].map((text) => html`<li>${text}</li>`);
    expect(html`<ul>${items}</ul>${null}`.markup).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul>');
  });

  test('never lets data end its script element', () => {
    const json = scriptJson({ title: '</script><script>alert(1)</script>' }).markup;
    expect(json).not.toContain('<');
    expect(JSON.parse(json)).toEqual({ title: '</script><script>alert(1)</script>' });
  });

  test('writes no tag, quote or control of others', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(html`${text}`.markup.replace(/[\t\n]/g, '')).not.toMatch(/[<>"'\p{Cc}]/u);
      }),
    );
  });
});
