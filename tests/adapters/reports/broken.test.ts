import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIXTURES, lineOf, readingOf, reportIn } from './reading.ts';

const SMALL = 3_700;

describe.each([...FIXTURES])('%s', (name, bytes) => {
  it('cut off at any byte is a flaw with its place, or has the very same tests', async () => {
    const whole = (await reportIn(bytes)).tests.map(lineOf);
    const step = bytes.length <= SMALL ? 1 : Math.ceil(bytes.length / 250);
    for (let length = 0; length < bytes.length; length += step) {
      const reading = await readingOf(bytes.subarray(0, length));
      if ('report' in reading)
        expect(reading.report.tests.map(lineOf), `${name} at ${length}`).toEqual(whole);
      else if (length > 60)
        expect(reading.flaw.position, `${name} at ${length}: ${reading.flaw.message}`).not.toBe('');
    }
  }, 60_000);

  it('with bytes changed is read or is a flaw, and never anything else', async () => {
    const change = fc.record({ at: fc.nat(bytes.length - 1), to: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const broken = Buffer.from(bytes);
        for (const { at, to } of changes) broken[at] = to;
        await readingOf(broken);
      }),
      { numRuns: 50 },
    );
  }, 60_000);

  it('means the same in whatever chunks it comes', async () => {
    const whole = await reportIn(bytes);
    for (const chunk of [bytes.length < SMALL ? 1 : 61, 7, 1_000]) {
      expect(await reportIn(bytes, chunk)).toEqual(whole);
    }
  }, 60_000);

  it('means the same behind a byte order mark', async () => {
    const whole = await reportIn(bytes);
    expect(await reportIn(Buffer.concat([Buffer.from('\ufeff'), bytes]))).toEqual(whole);
  });
});

describe('what is no report', () => {
  it.each([
    ['nothing', '', /empty/],
    ['blank space', ' \n\n ', /saw nothing readable/],
    ['a page', '<html></html>', /saw <html>/],
    ['prose', 'all tests have passed, believe me', /saw 'all tests have passed/],
    ['UTF-16', Buffer.from('\ufeff<testsuites/>', 'utf16le'), /UTF-16/],
    [
      'a compressed report',
      Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8]),
      /expected a report/,
    ],
    ['another document', '{"name":"app","version":"1.0.0"}', /saw the keys `name`, `version`/],
    ['two reports in one', '{"suites":[],"testResults":[]}', /saw the keys/],
    ['a list', '[{"suites":[]}]', /saw the keys nothing/],
    ['JSON with something behind it', '{"suites":[]} {"suites":[]}', /after the end/],
    ['a number that is none', '{"suites":[],"stats":{"expected":1.}}', /not JSON/],
    ['a comma too many', '{"suites":[],}', /ends where none may/],
    ['a member without a key', '{"suites":[],3}', /expected a key/],
    ['a plan without its tests', '1..3\nok 1\n', /the plan says 3 tests, and 1 were read/],
    ['tests without a plan', 'TAP version 13\nok 1\n', /there is no plan/],
    ['two roots', '<testsuites/><testsuites/>', /not XML/],
    ['an entity of its own', '<testsuites><testsuite name="&me;"/></testsuites>', /entity/],
    ['a test without a name', '<testsuite><testcase/></testsuite>', /a testcase with a name/],
    ['an unknown status', '{"testResults":[{"assertionResults":[{"status":"fine"}]}]}', /saw 'fine'/],
  ])('%s', async (_, bytes, says) => {
    const reading = await readingOf(bytes);
    expect('flaw' in reading ? reading.flaw.message : 'it was read').toMatch(says);
  });

  it('an entity bomb costs nothing', async () => {
    const levels = Array.from({ length: 30 }, (_, at) => `<!ENTITY e${at + 1} "&e${at};&e${at};">`).join('');
    const bomb = `<!DOCTYPE a [<!ENTITY e0 "ha">${levels}]><testsuites><testsuite name="&e30;"/></testsuites>`;
    const reading = await readingOf(bomb);
    expect('flaw' in reading && reading.flaw.message).toMatch(/DOCTYPE/);
  });

  it('JSON that is nested without end', async () => {
    const reading = await readingOf(`{"suites":${'['.repeat(100_000)}`);
    expect('flaw' in reading && reading.flaw.message).toMatch(/nested more than/);
  });
});
