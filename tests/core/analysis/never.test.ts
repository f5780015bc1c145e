import { describe, expect, it } from 'vitest';
import { bookingErrors, events, failedAt, last, MINUTE, play, ticks } from './scenario.ts';

describe('events that may never happen', () => {
  it('fail at the first one', () => {
    const played = play(
      [bookingErrors()],
      [
        ...ticks(5, 'booking-500s', events(0, 30), events(0, 300)),
        ...ticks(1, 'booking-500s', events(1, 30), events(0, 300)),
      ],
    );
    expect(failedAt(played)).toBe(6);
    expect(last(played).verdict).toMatchObject({
      reason: {
        message: 'Booking creation 500s: 1 on the canary within 5m, where not one may happen; stable had 0',
      },
    });
  });

  it('count for as long as the KPI says, and no longer', () => {
    const moments = [...ticks(1, 'booking-500s', events(1, 30)), ...ticks(40, 'booking-500s', events(0, 30))];
    const kinds = play([bookingErrors()], moments).map(({ verdict }) => verdict.kind);
    expect(kinds.lastIndexOf('fail')).toBe(29);
  });

  it('are not missed when they come without a total, and are not silence when they do not come', () => {
    expect(failedAt(play([bookingErrors()], ticks(1, 'booking-500s', events(1, 0))))).toBe(1);
    expect(last(play([bookingErrors()], ticks(60, 'booking-500s', events(0, 0)))).verdict.kind).toBe('pass');
  });

  it('are forgiven in the warm-up', () => {
    const kpi = bookingErrors({ warmUp: MINUTE });
    const played = play(
      [kpi],
      [...ticks(6, 'booking-500s', events(1, 30)), ...ticks(6, 'booking-500s', events(0, 30))],
    );
    expect(failedAt(played)).toBeNull();
  });
});
