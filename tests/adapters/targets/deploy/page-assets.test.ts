import { describe, expect, it } from 'vitest';
import { assetsOf, isSaneType } from '../../../../src/adapters/targets/deploy/page-assets.ts';

const PAGE = 'https://example.com/app/';
const urls = (html: string): string[] => assetsOf(html, PAGE).map(({ url, kind }) => `${kind} ${url}`);

describe('the assets of a page', () => {
  it.each([
    ['<script src=main.js></script>', ['script https://example.com/app/main.js']],
    ['<script>import "x"</script>', []],
    ['<LINK REL="Stylesheet" HREF="/a.css">', ['stylesheet https://example.com/a.css']],
    ['<link rel="shortcut icon" href="i.png">', ['image https://example.com/app/i.png']],
    ['<link rel="manifest" href="m.json">', ['manifest https://example.com/app/m.json']],
    ['<link rel="preload" as="font" href="f.woff2">', ['font https://example.com/app/f.woff2']],
    ['<link rel="modulepreload" href="m.js">', ['script https://example.com/app/m.js']],
    ['<link rel="canonical" href="https://example.com/">', []],
    ['<img src="data:image/png;base64,xx"><img src="">', []],
    ['<img src="//cdn.example.com/x.png?a=1&amp;b=2">', ['image https://cdn.example.com/x.png?a=1&b=2']],
    ['<base href="/base/"><script src="a.js#x"></script>', ['script https://example.com/base/a.js']],
    ['<!-- <script src="no.js"></script> -->', []],
    ['<script src="a.js"></script><script src="a.js"></script>', ['script https://example.com/app/a.js']],
  ])('%s', (html, expected) => {
    expect(urls(html)).toEqual(expected);
  });

  it.each([
    ['script', 'text/javascript; charset=utf-8', true],
    ['script', 'text/html', false],
    ['stylesheet', 'text/css', true],
    ['stylesheet', 'text/plain', false],
    ['image', 'image/svg+xml', true],
    ['image', 'text/html; charset=utf-8', false],
    ['font', 'font/woff2', true],
    ['manifest', 'application/manifest+json', true],
    ['other', 'text/html', false],
    ['other', '', false],
  ] as const)('a %s of type %s is as it should be: %s', (kind, type, expected) => {
    expect(isSaneType(kind, type)).toBe(expected);
  });
});
