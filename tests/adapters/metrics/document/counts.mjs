// What a user would write: asks the services of both slots, and prints what they have counted as one document.
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';

const LINE = /^(\w+?)(?:\{(.*)\})? (\S+)$/;

async function seriesOf(slot, url) {
  const text = await (await fetch(url)).text();
  const found = text.split('\n').flatMap((line) => {
    const [, name, inside = '', value] = LINE.exec(line) ?? [];
    if (name === undefined || value === 'Nan') return [];
    const labels = Object.fromEntries(
      [...inside.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, word]) => [key, word]),
    );
    return [{ name, labels, value: Number(value) }];
  });
  const plain = found.filter(({ name }) => /^(http_requests_total|pool_in_use)$/.test(name));
  const buckets = found.filter(({ name }) => name === 'http_seconds_bucket');
  const histogram = Object.fromEntries(buckets.map(({ labels, value }) => [labels.le, value]));
  return [
    ...plain.map((one) => ({ ...one, slot })),
    ...(buckets.length === 0 ? [] : [{ name: 'http_seconds', slot, buckets: histogram }]),
  ];
}

export async function documentOf(urls) {
  const both = await Promise.all(urls.map((url, index) => seriesOf(index === 0 ? 'a' : 'b', url)));
  return JSON.stringify({ version: 1, at: new Date().toISOString(), series: both.flat() }, null, 1);
}

if (import.meta.url === pathToFileURL(argv[1]).href) {
  console.error('asked both');
  console.log(await documentOf(argv.slice(2)));
}
