import type { Answer } from '../checks/answer.ts';
import { decideCommand } from '../checks/command.ts';
import type { TestRun } from './suite.ts';

/**
 * Whether the test command and its reports tell the same story. A test runner that ends with an error must have a
 * failed test to show for it, and one that has failed tests must not end as if all were well.
 */
export function decideTestRun({ argv, end, output, isCancelled }: TestRun, failed: number): Answer {
  const answer = decideCommand(argv, end, output);
  const expected = 'the test command ends as its reports say';
  if (isCancelled) return { ...answer, expected };
  if (end.kind !== 'exited') return { ...answer, expected, status: 'fail' };
  const observed = `exit code ${end.code}, and ${failed === 0 ? 'no' : failed} failed in the reports`;
  if ((end.code === 0) === (failed === 0)) {
    return { status: 'pass', code: 'met', observed, expected };
  }
  const fix =
    end.code === 0
      ? 'let the command keep the exit code of its test runner'
      : 'see in the log what broke besides the tests';
  const { detail } = answer;
  return {
    status: 'fail',
    code: 'failed',
    observed,
    expected,
    fix,
    ...(detail === undefined || end.code === 0 ? {} : { detail }),
  };
}
