// Cuts GitHub's description of its REST API down to the operations that the test server answers.
// The whole description is 13 MB and no dependency of ours:
//   npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-23.0.2.tgz
//   node tools/github-subset.mjs package
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const home = new URL('../tests/support/github/', import.meta.url);
const source = process.argv[2];
if (source === undefined) {
  console.error('usage: node tools/github-subset.mjs <unpacked @octokit/openapi package>');
  process.exit(2);
}

const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const { name, version, license } = read(join(source, 'package.json'));
const whole = read(join(source, 'generated/api.github.com.json'));
const wanted = new Set(read(new URL('operations.json', home)));

// Prose and examples: what no validator reads. A map of names (`properties`) is kept whole.
const prose = new Set([
  'description',
  'summary',
  'example',
  'examples',
  'externalDocs',
  'tags',
  'title',
  'x-github',
  'x-octokit',
]);
const maps = new Set(['properties', 'schemas', 'parameters', 'responses', 'content', 'paths']);

function bare(node, isMap = false) {
  if (Array.isArray(node)) return node.map((item) => bare(item));
  if (node === null || typeof node !== 'object') return node;
  const kept = Object.entries(node).filter(([key]) => isMap || !prose.has(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, bare(value, !isMap && maps.has(key))]));
}

const paths = {};
for (const [path, item] of Object.entries(whole.paths)) {
  for (const [method, operation] of Object.entries(item)) {
    if (!wanted.delete(operation.operationId)) continue;
    paths[path] ??= {};
    paths[path][method] = bare({ ...operation, responses: withoutHeaders(operation.responses) });
  }
}
if (wanted.size > 0) {
  console.error(`not in ${name}@${version}: ${[...wanted].join(', ')}`);
  process.exit(1);
}

function withoutHeaders(responses) {
  return Object.fromEntries(
    Object.entries(responses).map(([status, { headers, ...rest }]) => [status, rest]),
  );
}

const components = {};
const queue = [...references(paths)];
// The errors that GitHub gives to any operation, whether its description lists them or not.
queue.push('#/components/schemas/basic-error', '#/components/schemas/validation-error');
for (const reference of queue) {
  const [, , kind, id] = reference.split('/');
  if (components[kind]?.[id] !== undefined) continue;
  const { headers, ...component } = whole.components[kind][id];
  components[kind] = { ...components[kind], [id]: bare(component) };
  queue.push(...references(components[kind][id]));
}

function references(node) {
  if (node === null || typeof node !== 'object') return [];
  const own = typeof node.$ref === 'string' ? [node.$ref] : [];
  return own.concat(...Object.values(node).map(references));
}

const sorted = (record) => Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
const subset = {
  openapi: whole.openapi,
  info: { title: whole.info.title, version: whole.info.version, license: whole.info.license },
  'x-source': { package: name, version, license, file: 'generated/api.github.com.json' },
  paths: sorted(paths),
  components: Object.fromEntries(Object.entries(components).map(([kind, all]) => [kind, sorted(all)])),
};
const text = JSON.stringify(subset);
writeFileSync(new URL('openapi-subset.json', home), `${text}\n`);
console.log(
  `${Object.values(paths).flatMap(Object.keys).length} operations, ${(text.length / 1000).toFixed(0)} kB`,
);
