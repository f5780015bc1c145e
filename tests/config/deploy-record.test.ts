import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/read.ts';
import { configSchema } from '../../src/registry.ts';

function problems(record: string): string[] {
  const parsed = parseConfig(
    `version: 1
service: booking-api
deploy:
  staging:
    record: ${record}
    services:
      back-end: { track: [./hand-on.sh] }
`,
    'x.yml',
    configSchema,
  );
  return parsed.ok
    ? []
    : parsed.problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
}

describe('where deployments are recorded', () => {
  it.each(['github', '{ type: github }', '{ type: file, path: deployments }'])('may be %s', (record) => {
    expect(problems(record)).toEqual([]);
  });

  it.each([
    [
      'file',
      "5:13 deploy.staging.record: expected `github`, or a map with `type: file` and a path, saw 'file'; write `record: github`, or name the path",
    ],
    ['{ type: file }', '5:5 deploy.staging.record.path: expected `path`: text, saw no such key; add `path:`'],
    [
      '{ type: git, path: deployments }',
      "5:21 deploy.staging.record.type: expected one of the types github, file, saw 'git'; choose one of them",
    ],
  ])('cannot be %s', (record, told) => {
    expect(problems(record)).toEqual([told]);
  });
});
