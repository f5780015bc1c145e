import { describe, expect, it } from 'vitest';
import { FIXTURES, lineOf, reportIn } from './reading.ts';

const of = (name: string): Buffer => FIXTURES.get(name) ?? Buffer.of();

/** The same tests everywhere, as far as the tool can say it. */
const FLOWS = [
  'passed Customer booking › books a slot',
  'passed Customer booking › sees a price',
  'passed Partner job completion › completes a job',
  'skipped Partner job completion › uploads a photo',
  'skipped Partner job completion › rates the customer',
  'flaky Owner dashboard › sees bookings grow',
  'passed Payment processing › pays by card',
  'failed Payment processing › nobody pays twice',
];
/** JUnit XML of these tools does not say that a test was tried again. */
const once = (line: string): string => line.replace('flaky', 'passed');
const withoutTodo = FLOWS.filter((line) => !line.includes('rates the customer'));

describe('what a real tool wrote is read as it was', () => {
  it.each([
    ['jest.json', 'jest', FLOWS],
    ['jest.ctrf.json', 'ctrf', FLOWS],
    ['vitest.json', 'jest', FLOWS],
    ['vitest.junit.xml', 'junit', FLOWS.map(once)],
    [
      'mocha.junit.xml',
      'junit',
      withoutTodo
        .toSpliced(4, 0, 'passed Partner job completion › with a team › completes a job together')
        .map(once),
    ],
    [
      'node-test.tap',
      'tap',
      FLOWS.toSpliced(5, 0, 'passed Partner job completion › with a team › completes a job together').map(
        once,
      ),
    ],
  ])('%s', async (name, format, lines) => {
    const report = await reportIn(of(name));
    expect(report).toMatchObject({ format, disagreements: [], troubles: [] });
    expect(report.tests.map(lineOf)).toEqual(lines);
  });

  it.each(['playwright.json', 'playwright.ctrf.json'])(
    '%s: every project is a test of its own',
    async (name) => {
      const { tests, disagreements } = await reportIn(of(name));
      const api = withoutTodo.filter((line) => !line.includes('sees a price'));
      const expected = [
        ...withoutTodo.map((line) => `${line} [desktop]`),
        ...api.map((line) => `${line} [api]`),
      ];
      expect(tests.map(lineOf).toSorted()).toEqual(expected.toSorted());
      expect(disagreements).toEqual([]);
      expect(tests.find(({ name: title }) => title === 'sees a price')?.tags).toEqual(['booking', 'browser']);
    },
  );

  it('playwright.junit.xml: the project is told from the name of a machine', async () => {
    const { tests } = await reportIn(of('playwright.junit.xml'));
    expect(tests.filter(({ variant }) => variant === 'api')).toHaveLength(6);
    expect(tests.filter(({ variant }) => variant === 'desktop')).toHaveLength(7);
  });

  it('jest.junit.xml: a test that is only planned has not passed', async () => {
    const { tests, disagreements } = await reportIn(of('jest.junit.xml'));
    expect(tests.filter(({ outcome }) => outcome === 'skipped').map(({ name }) => name)).toEqual([
      'Partner job completion uploads a photo',
      'Partner job completion rates the customer',
    ]);
    expect(disagreements).toEqual([]);
  });

  it.each(['pytest.junit.xml', 'pytest-xunit1.junit.xml'])(
    '%s: a test that was tried again is flaky',
    async (name) => {
      const { tests, disagreements, startedAt } = await reportIn(of(name));
      expect(tests.map(({ outcome, name: title }) => `${outcome} ${title}`)).toEqual([
        'passed test_books_a_slot[cleaning]',
        'passed test_books_a_slot[garden]',
        'passed test_completes_a_job',
        'skipped test_uploads_a_photo',
        'flaky test_sees_bookings_grow',
        'passed test_pays_by_card',
        'failed test_nobody_pays_twice',
        'failed test_counts_the_till',
      ]);
      expect(disagreements).toEqual([]);
      expect(startedAt).toBeGreaterThan(0);
    },
  );

  it('surefire.junit.xml: flaky and failing tests that were run again', async () => {
    const { tests, disagreements } = await reportIn(of('surefire.junit.xml'));
    expect(tests.map(({ outcome, name, attempts }) => `${outcome} ${name} ${attempts}`)).toEqual([
      'failed refunds_a_card 3',
      'skipped pays_by_invoice 1',
      'flaky settles_at_night 2',
      'passed charges_a_card 1',
    ]);
    expect(tests[0]?.message).toContain('expected: <refunded> but was: <pending>');
    expect(disagreements).toEqual([]);
  });

  it('surefire-nested.junit.xml: its own count forgets tests, which is no edit', async () => {
    expect(await reportIn(of('surefire-nested.junit.xml'))).toMatchObject({ disagreements: [] });
  });

  it('gotestsum.junit.xml: several attempts are one test', async () => {
    const { tests, disagreements } = await reportIn(of('gotestsum.junit.xml'));
    const lines = tests.map(({ outcome, name, attempts }) => `${outcome} ${name} ${attempts}`);
    expect(lines).toContain('flaky TestOwnerDashboard 2');
    expect(lines).toContain('failed TestPaymentProcessing/nobody_pays_twice 3');
    expect(lines).toHaveLength(8);
    expect(disagreements).toEqual([]);
  });

  it('vitest-broken.json: tests that do not load are trouble, and no green report', async () => {
    const { tests, troubles } = await reportIn(of('vitest-broken.json'));
    expect(tests).toEqual([]);
    expect(troubles).toEqual([expect.stringContaining('Cannot find module')]);
  });
});
