// Imports run one way: docs/reference/architecture.md says why.
const room = (name) => `^src/${name}/`;
const outside = (...rooms) => `^src/(?!(${rooms.join('|')})/)`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-is-pure',
      comment: 'core imports nothing but core, semver included as the one exception',
      severity: 'error',
      from: { path: room('core') },
      to: { pathNot: ['^src/core/', 'node_modules/(@types/)?semver/'] },
    },
    {
      name: 'ports-are-types-over-core',
      severity: 'error',
      from: { path: room('ports') },
      to: { pathNot: ['^src/(core|ports)/'] },
    },
    {
      name: 'app-knows-core-and-ports',
      severity: 'error',
      from: { path: room('app') },
      to: { pathNot: ['^src/(app|core|ports)/'] },
    },
    {
      name: 'adapters-know-core-ports-and-their-sdk',
      severity: 'error',
      from: { path: room('adapters') },
      to: { path: outside('adapters', 'core', 'ports') },
    },
    {
      name: 'an-adapter-never-imports-another-kind',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/', pathNot: '^src/adapters/$1/' },
    },
    {
      name: 'config-knows-core-and-adapter-schemas',
      severity: 'error',
      from: { path: room('config') },
      to: { path: outside('config', 'core', 'ports') },
    },
    {
      name: 'only-the-runner-speaks-to-actions-core',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/adapters/runner/' },
      to: { path: 'node_modules/@actions/(?!github/)' },
    },
    {
      name: 'only-the-github-adapter-speaks-to-github',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/adapters/github/' },
      to: { path: 'node_modules/@actions/github/' },
    },
    {
      name: 'nobody-imports-a-composition-root',
      severity: 'error',
      from: { path: '^src/(?!(actions|cli)/)', pathNot: '^src/(index|bench)\\.ts$' },
      to: { path: '^src/(actions|cli)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
};
