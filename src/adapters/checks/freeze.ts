import { RRuleTemporal } from 'rrule-temporal';
import { z } from 'zod';
import { decideFreeze, type Frozen } from '../../core/checks/freeze.ts';
import { type EpochMs, formatDuration, type Milliseconds } from '../../core/units.ts';
import { budgetLeft, errorBudget } from './error-budget.ts';
import { frame, refuse, registered, span } from './frame.ts';

const DAY: Milliseconds = 86_400_000;
/** How far ahead the next freeze is looked for. */
const AHEAD: Milliseconds = 7 * DAY;
const LONGEST_WINDOW: Milliseconds = 90 * DAY;
const WALL_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/;

const window = z
  .strictObject({
    name: z.string().min(1).max(80).describe('What the freeze is called: `Weekend`, `Black Friday`.'),
    timezone: z
      .string()
      .meta({ examples: ['Europe/Berlin'] })
      .describe('IANA time zone of `start`. Summer time is taken care of.'),
    start: z
      .string()
      .meta({ pattern: WALL_TIME.source, examples: ['2026-11-27T18:00'] })
      .refine((text) => WALL_TIME.test(text), {
        params: {
          expected: 'a local time such as 2026-11-27T18:00',
          fix: 'write date, T, hours and minutes',
        },
      })
      .describe('When the window opens for the first time, as the clock on the wall says it there.'),
    duration: span('60h').describe('How long it stays open.'),
    repeat: z
      .string()
      .meta({ examples: ['FREQ=WEEKLY;BYDAY=FR'] })
      .optional()
      .describe(
        'How it comes back, as a recurrence rule of RFC 5545: `FREQ=WEEKLY;BYDAY=FR`. Once if left out.',
      ),
  })
  .superRefine((written, context) => {
    if (written.duration > LONGEST_WINDOW)
      refuse(context, `a window of at most ${formatDuration(LONGEST_WINDOW)}`, 'make it shorter', [
        'duration',
      ]);
    const flaw = calendarFlaw(written);
    if (flaw !== null) refuse(context, flaw.expected, flaw.fix, [flaw.key]);
  })
  .describe('A window of the calendar in which nothing goes out.');

type Window = z.output<typeof window>;

function ruleOf({ timezone, start, repeat }: Window): RRuleTemporal {
  const wall = `${start.replaceAll(/[-:]/g, '')}00`;
  const rule = repeat?.replace(/^RRULE:/i, '') ?? 'FREQ=DAILY;COUNT=1';
  return new RRuleTemporal({ rruleString: `DTSTART;TZID=${timezone}:${wall}\nRRULE:${rule}`, strict: true });
}

function calendarFlaw(written: Window) {
  if (!isZone(written.timezone))
    return {
      key: 'timezone',
      expected: 'an IANA time zone such as Europe/Berlin',
      fix: 'write its full name',
    };
  if (!WALL_TIME.test(written.start)) return null;
  try {
    ruleOf(written).previous(new Date(0), true);
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const key = written.repeat === undefined ? 'start' : 'repeat';
    return { key, expected: `a date and a recurrence rule that exist (${why})`, fix: 'see RFC 5545, 3.3.10' };
  }
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}

/** The occurrences that are open now, and those that open soon. */
export function occurrences(written: Window, now: EpochMs): Frozen[] {
  const { name, duration } = written;
  const starts = ruleOf(written).between(new Date(now - duration), new Date(now + AHEAD), true);
  return starts.map(({ epochMilliseconds: from }) => ({ name, from, to: from + duration }));
}

export const freezeCheckSchema = z
  .strictObject({
    check: z
      .literal('freeze')
      .describe('The calendar, the open incidents and the error budget let a change through now.'),
    ...frame({ title: 'No deployment freeze', timeout: '30s' }),
    windows: z.array(window).max(50).prefault([]).describe('When nothing goes out.'),
    'incident-label': z
      .string()
      .min(1)
      .meta({ examples: ['incident'] })
      .optional()
      .describe('While an issue with this label is open, nothing goes out. Not asked when left out.'),
    'error-budget': errorBudget.optional(),
  })
  .superRefine(({ windows, 'incident-label': label, 'error-budget': budget }, context) => {
    if (windows.length === 0 && label === undefined && budget === undefined)
      refuse(
        context,
        'a calendar, a label or an error budget',
        'add `windows:`, `incident-label:` or `error-budget:`',
      );
  })
  .describe('Freezes: windows of the calendar, open incidents, and an error budget that is used up.')
  .transform((config) =>
    registered(config, async (context, subject, signal) => {
      const { now, actor, override: reason } = subject;
      const windows = config.windows.flatMap((one) => occurrences(one, now));
      const label = config['incident-label'];
      const incidents = label === undefined ? [] : await context.facts().openIssues(label);
      const override = reason === null ? null : { person: actor, reason };
      const asked = config['error-budget'];
      const budget = asked === undefined ? null : await budgetLeft(asked, context, override !== null, signal);
      return decideFreeze({ now, windows, incidents, budget, override });
    }),
  );
