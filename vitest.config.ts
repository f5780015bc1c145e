import { readFile } from 'node:fs/promises';
import { defineConfig } from 'vitest/config';

/** GitHub's parsers: they import JSON without the attribute that Node asks for, and name source maps that they do not bring. */
const PARSERS = /@actions\/(workflow-parser|expressions)\/.*\.js$/;
const withoutMaps = {
  name: 'without-maps',
  enforce: 'pre' as const,
  load: async (id: string) =>
    PARSERS.test(id) ? (await readFile(id, 'utf8')).replace(/^\/\/# sourceMappingURL=.*$/m, '') : null,
};

export default defineConfig({
  plugins: [withoutMaps],
  test: {
    include: ['tests/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    server: { deps: { inline: [PARSERS] } },
    // Acceptance cases mostly wait for real processes, so that three workers suit two cores; they queue by themselves where they share one.
    maxConcurrency: 200,
    maxWorkers: 3,
    reporters: process.env.CI ? ['default', ['json', { outputFile: 'coverage/tests.json' }]] : ['default'],
  },
});
