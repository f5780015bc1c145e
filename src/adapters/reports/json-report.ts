import type { ReportFormat } from '../../core/e2e/test-case.ts';
import { ctrfNodes } from './ctrf.ts';
import { draftReport, type ReportParser } from './draft.ts';
import { jestNodes } from './jest.ts';
import { type JsonNode, jsonEvents } from './json-events.ts';
import { playwrightNodes } from './playwright.ts';
import { ReportFlaw } from './report-flaw.ts';

/** The key under which a reporter puts its tests says which one it is. */
const FORMATS: Readonly<Record<string, ReportFormat>> = {
  suites: 'playwright',
  testResults: 'jest',
  results: 'ctrf',
};

/** A JSON report of any of the known reporters, told apart by what is in it. */
export function jsonReport(): ReportParser {
  const report = draftReport();
  const place = (): string => events.place();
  const playwright = playwrightNodes(report, place);
  const jest = jestNodes(report, place);
  const ctrf = ctrfNodes(report, place);
  const keys: string[] = [];
  const formats = new Set<ReportFormat>();
  const note = (key: string): void => {
    if (keys.length < 8) keys.push(key.slice(0, 40));
  };
  const root: JsonNode = {
    scalar: (key, value) => {
      note(key);
      jest.scalar(key, value);
    },
    open: (key) => {
      note(key);
      const format = Object.hasOwn(FORMATS, key) ? FORMATS[key] : undefined;
      if (format !== undefined) formats.add(format);
      return key === 'results' ? ctrf.node : (playwright.open(key) ?? jest.open(key));
    },
  };
  const events = jsonEvents({ open: (_, kind) => (kind === 'object' ? root : null) });
  const end = () => {
    events.end();
    const [format, another] = formats;
    if (format === undefined || another !== undefined) {
      const seen = keys.map((key) => `\`${key}\``).join(', ') || 'nothing';
      throw new ReportFlaw(`expected JSON of Playwright, Jest, Vitest or CTRF, saw the keys ${seen}`, '');
    }
    ({ playwright, jest, ctrf, junit: null, tap: null })[format]?.finish();
    return report.finish(format);
  };
  return { write: events.write, end };
}
