import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderFrame } from '../../../src/adapters/terminal/frame.ts';
import { advance, INITIAL_MODEL, type ViewModel } from '../../../src/adapters/terminal/model.ts';
import { sparkline } from '../../../src/adapters/terminal/sparkline.ts';
import { displayWidth, fitted, padded } from '../../../src/adapters/terminal/width.ts';
import type { Kpi } from '../../../src/core/analysis/kpi.ts';
import type { Happening } from '../../../src/ports/observer.ts';
import { KPIS } from '../../support/samples.ts';
import { errorStory, healthyStory } from '../../support/stories.ts';

function modelAfter(happenings: readonly Happening[], kpis: readonly Kpi[] = KPIS): ViewModel {
  return happenings.reduce((model, happening) => advance(model, happening, kpis), INITIAL_MODEL);
}

const story = errorStory();
const [latency, success, never] = [KPIS[1], KPIS[2], KPIS[5]];

describe('a frame', () => {
  test('shows where the rollout stands, what each KPI says, and what happened last', () => {
    const frame = renderFrame(modelAfter(story.happenings.slice(0, 61)), 76).map((line) => line.trimEnd());
    expect(frame).toEqual([
      ' booking-api in production                                             10:14',
      ' 3f2c1ab against 9ab12cd  baking',
      '',
      ' ● 10 % › ○ 50 % › ○ 100 %',
      ' Weight  10 %, as asked',
      ' Baked   ████████████░░░░░░░░░░░░░░░░░░░░░░░░░  9m 20s of 30m, 20m 40s left',
      '',
      '   KPI                    canary   stable  alert',
      ' ! Error rate             4.22 %   0.52 %  > 2 %     ▂▂▂▂▂▃▃▂▄▅▆▇██████████',
      ' ✓ API latency P95        506 ms   371 ms  > 800 ms  ▄▄▅▅▅▄▄▄▄▄▅▅▅▅▅▅▅▅▅▅▅▅',
      ' ✓ Booking success       98.36 %  98.97 %  < 95 %    ▇▆▆▇▆▆▆▆▆▆▆▆▆▆▆▆▆▆▅▅▆▆',
      ' ✓ Dispatch time P95      88.7 s   92.3 s  > 180 s   ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄',
      ' ✓ Database connections  63.43 %   shared  > 90 %    ▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆',
      ' ✓ Double bookings             0        0  > 0       ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁',
      '',
      '    0:00  Started 3f2c1ab, driven by mara',
      '    0:42  3f2c1ab runs in slot b, healthy',
      '    0:44  10 % of traffic is on the new version, read back',
    ]);
  });

  test('shows the end', () => {
    const frame = renderFrame(modelAfter(story.happenings), 76);
    expect(frame).toContain(' ✗ 10 % › ○ 50 % › ○ 100 %');
    expect(frame).toContain(' Weight  0 %, as asked');
    expect(frame.some((line) => line.startsWith(' ✗ Error rate'))).toBe(true);
    expect(frame.at(-1)).toBe('   13:33  Ended; what serves now was checked and well');
    const promoted = renderFrame(modelAfter(healthyStory().happenings), 76);
    expect(promoted).toContain(' ✓ 10 % › ✓ 50 % › ✓ 100 %');
  });

  test('gives up the line, then the limits, then the stable values, when the window is narrow', () => {
    const model = modelAfter(story.happenings.slice(0, 61));
    const heading = (columns: number): string[] =>
      (renderFrame(model, columns).find((line) => line.includes('KPI')) ?? '').trim().split(/\s+/);
    expect(heading(56)).toEqual(['KPI', 'canary', 'stable', 'alert']);
    expect(heading(44)).toEqual(['KPI', 'canary', 'stable']);
    expect(heading(30)).toEqual(['KPI', 'canary']);
  });

  test('shows what the findings say when no KPI is known', () => {
    const frame = renderFrame(modelAfter(story.happenings, []), 90).map((line) => line.trimEnd());
    expect(frame.find((line) => line.includes('Check'))).toMatch(/Check +seen +expected/);
    expect(frame.find((line) => line.includes('Error rate  '))).toMatch(
      /^ ✗ Error rate +4\.1 % on the canary for 5m, 0… +not > 2 % for 5m/,
    );
  });

  test('says that the weight is not what was asked for, and why a bake does not pass', () => {
    const model = { ...modelAfter(story.happenings.slice(0, 10)), read: 4, trouble: 'too few requests' };
    const frame = renderFrame(model, 80);
    expect(frame).toContain(' Weight  4 %, asked for 10 %');
    expect(frame).toContain(' ! too few requests');
  });

  test('shows how strong the evidence is, on the way to the odds that abort', () => {
    const model = modelAfter(story.happenings.slice(0, 10));
    const frame = (log: number, columns = 92) =>
      renderFrame({ ...model, evidence: { log, threshold: Math.log(100) } }, columns).find((line) =>
        line.startsWith(' Odds'),
      );
    expect(frame(Math.log(10))).toBe(
      ` Odds    ${'█'.repeat(18)}${'░'.repeat(18)}  10 to 1 that it is worse, aborts at 100 to 1`,
    );
    expect(frame(-3)).toContain('░░  0.05 to 1 that it is worse');
    expect(frame(700)).not.toContain('░');
    expect(frame(Math.log(10), 50)).toBe(' Odds    10 to 1 that it is worse, aborts at 100 …');
    expect(renderFrame(model, 92).some((line) => line.startsWith(' Odds'))).toBe(false);
  });

  test('is there before anything has happened', () => {
    expect(renderFrame(INITIAL_MODEL, 30)).toEqual([' deploy-canary            0:00']);
  });

  test('is never wider than the window and holds no control character, whatever others are called', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.constantFrom(
        '予約サービスの成功率',
        '\u001b[2J\u001b[H',
        'e\u0301'.repeat(30),
        '👩‍👩‍👧‍👦'.repeat(9),
        'a\nb\rc',
      ),
    );
    fc.assert(
      fc.property(name, name, fc.integer({ min: 1, max: 140 }), (one, other, columns) => {
        const kpis = KPIS.map((kpi) => ({ ...kpi, title: one }));
        const happenings = story.happenings.slice(-6).map((happening): Happening => {
          if (happening.type === 'note') return happening;
          const rename = <T extends { canary: { version: string } }>(rollout: T): T => ({
            ...rollout,
            canary: { ...rollout.canary, version: other },
          });
          if (happening.type === 'tick') return { ...happening, rollout: rename(happening.rollout) };
          const { rollout } = happening.record;
          const record = { ...happening.record, service: one, environment: other };
          return { ...happening, record: { ...record, rollout: rollout === null ? null : rename(rollout) } };
        });
        const note: Happening = { type: 'note', at: 0, level: 'error', message: one };
        for (const line of renderFrame(modelAfter([...happenings, note], kpis), columns)) {
          expect(displayWidth(line)).toBeLessThanOrEqual(columns);
          expect(line).not.toMatch(/\p{Cc}/u);
        }
      }),
      { numRuns: 80 },
    );
  });
});

describe('the width of a text', () => {
  test('counts wide characters twice and marks not at all', () => {
    expect(displayWidth('abc')).toBe(3);
    expect(displayWidth('予約')).toBe(4);
    expect(displayWidth('e\u0301')).toBe(1);
    expect(displayWidth('😀')).toBe(2);
    expect(displayWidth('▁█…✓›●○')).toBe(7);
    expect(displayWidth('❤\ufe0f')).toBe(2);
  });

  test('is kept when a text is cut or filled', () => {
    expect(fitted('予約予約', 5)).toBe('予約…');
    expect(fitted('abc', 3)).toBe('abc');
    expect(fitted('abc', 0)).toBe('');
    expect(padded('予', 4)).toBe('予  ');
    expect(padded('12', 4, 'right')).toBe('  12');
  });
});

describe('a sparkline', () => {
  test('is full at the alert limit and beyond', () => {
    expect(latency && sparkline([0, 400, 800, 4_000], latency, 10)).toBe('▁▅██');
  });

  test('is empty at the limit of what should be large', () => {
    expect(success && sparkline([0.5, 0.95, 0.975, 1], success, 10)).toBe('▁▁▅█');
  });

  test('shows a dot for no data, and the newest values when there is little room', () => {
    expect(latency && sparkline([800, 0, null, 800], latency, 3)).toBe('▁·█');
    expect(never && sparkline([0, 0, 3], never, 10)).toBe('▁▁█');
    expect(sparkline([], null, 10)).toBe('');
    expect(sparkline([0, 5, 10], null, 10)).toBe('▁▅█');
  });
});
