// The last line of a CI run: how many tests ran, as the test runner counted them.
import { readFileSync } from 'node:fs';

const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(
  readFileSync('coverage/tests.json', 'utf8'),
);
console.log(`Tests: ${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
if (numPassedTests === 0 || numFailedTests > 0) process.exitCode = 1;
