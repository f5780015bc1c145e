// Cuts GitHub's public GraphQL schema down to the fields that the test server answers.
// The whole schema is 1.2 MB and no dependency of ours:
//   npm pack @octokit/graphql-schema@15.26.1 && tar xzf octokit-graphql-schema-15.26.1.tgz
//   node tools/github-graphql-subset.mjs package
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, Kind, parse, print, visit } from 'graphql';

const home = new URL('../tests/support/github/', import.meta.url);
const source = process.argv[2];
if (source === undefined) {
  console.error('usage: node tools/github-graphql-subset.mjs <unpacked @octokit/graphql-schema package>');
  process.exit(2);
}

const { name, version, license } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
const whole = parse(readFileSync(join(source, 'schema.graphql'), 'utf8'));
const known = new Map(whole.definitions.flatMap((one) => (one.name ? [[one.name.value, one]] : [])));

/** Names of fields by the type that has them. */
const wanted = new Map();
for (const path of JSON.parse(readFileSync(new URL('graphql-fields.json', home), 'utf8'))) {
  const [type, field] = path.split('.');
  if (!(known.get(type)?.fields ?? []).some((one) => one.name.value === field)) fail(`${path} is not there`);
  wanted.set(type, (wanted.get(type) ?? new Set()).add(field));
}

function fail(why) {
  console.error(`${name}@${version}: ${why}`);
  process.exit(1);
}

const kept = new Map();
const queue = [...wanted.keys()];
for (const type of queue) {
  if (kept.has(type)) continue;
  const found = known.get(type);
  if (found === undefined) continue;
  const own = cut(found);
  kept.set(type, own);
  visit(own, { NamedType: ({ name: { value } }) => void queue.push(value) });
}

/** Prose, and whatever nobody asked for, left out. */
function cut(definition) {
  const bare = visit(definition, {
    enter: (node) => (node.description ? { ...node, description: undefined } : undefined),
  });
  switch (bare.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_DEFINITION: {
      const names = wanted.get(bare.name.value);
      if (names === undefined) fail(`no field of ${bare.name.value} is listed`);
      const interfaces = bare.interfaces.filter((one) => wanted.has(one.name.value));
      return {
        ...bare,
        directives: [],
        interfaces,
        fields: bare.fields.filter((one) => names.has(one.name.value)),
      };
    }
    case Kind.UNION_TYPE_DEFINITION:
      return { ...bare, directives: [], types: bare.types.filter((one) => wanted.has(one.name.value)) };
    default:
      return { ...bare, directives: [] };
  }
}

const definitions = [...kept.values()].sort((one, other) => (one.name.value < other.name.value ? -1 : 1));
const head = `# Cut from ${name}@${version} (${license}), schema.graphql, by tools/github-graphql-subset.mjs.\n\n`;
const text = `${head}${print({ kind: Kind.DOCUMENT, definitions })}\n`;
buildSchema(text);
writeFileSync(new URL('graphql-subset.graphql', home), text);
console.log(`${definitions.length} types, ${(text.length / 1000).toFixed(1)} kB`);
