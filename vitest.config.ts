import { readFile } from 'node:fs/promises';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** GitHub's parsers: they import JSON without the attribute that Node asks for, and name source maps that they do not bring. */
const PARSERS = /@actions\/(workflow-parser|expressions)\/.*\.js$/;
const withoutMaps = {
  name: 'without-maps',
  enforce: 'pre' as const,
  load: async (id: string) =>
    PARSERS.test(id) ? (await readFile(id, 'utf8')).replace(/^\/\/# sourceMappingURL=.*$/m, '') : null,
};

/** Those that play with whole processes take the longest: they begin first, or one of them would end alone. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/tests/acceptance/');
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  plugins: [withoutMaps],
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: 'tests/support/around-run.ts',
    setupFiles: ['tests/setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    // No test replaces a module or leaves a global changed, and to load zod and the adapters anew for each file takes a third of the time.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    server: { deps: { inline: [PARSERS] } },
    // Acceptance cases mostly wait for real processes, so that three workers suit two cores; they queue by themselves where they share one.
    maxConcurrency: 200,
    maxWorkers: 3,
    reporters: process.env.CI ? ['default', ['json', { outputFile: 'coverage/tests.json' }]] : ['default'],
  },
});
