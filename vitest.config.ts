import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    // Acceptance cases mostly wait for real processes, so that three workers suit two cores; they queue by themselves where they share one.
    maxConcurrency: 200,
    maxWorkers: 3,
    reporters: process.env.CI ? ['default', ['json', { outputFile: 'coverage/tests.json' }]] : ['default'],
  },
});
