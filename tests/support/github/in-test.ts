import { expect, onTestFinished } from 'vitest';
import { type GitHub, type GitHubOptions, startGitHub } from './github.ts';

/** A GitHub that goes when the test goes, and fails it when anything was said that the description does not allow. */
export async function githubForTest(options: GitHubOptions = {}): Promise<GitHub> {
  const github = await startGitHub(options);
  onTestFinished(async () => {
    await github.stop();
    expect(github.violations(), 'requests or answers that GitHub does not describe').toEqual([]);
  });
  return github;
}
