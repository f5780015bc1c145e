import type { Kpi } from '../../core/analysis/kpi.ts';
import { renderLogLine } from '../../core/report/log-line.ts';
import { formatClock } from '../../core/report/words.ts';
import type { EpochMs, Milliseconds } from '../../core/units.ts';
import type { Happening, Observer } from '../../ports/observer.ts';
import { renderFrame } from './frame.ts';
import { advance, INITIAL_MODEL, isNews, type ViewModel } from './model.ts';
import { ansiPaint, noPaint } from './spans.ts';
import { displayWidth } from './width.ts';

export interface ViewOptions {
  /** Asked anew for each frame, so that a resized window is followed. */
  readonly columns: () => number;
  /** Lines that the window has; without it the frame is taken to fit. */
  readonly rows?: () => number;
  /** True redraws in place; false writes plain lines without terminal commands. */
  readonly isTty: boolean;
  readonly write: (text: string) => unknown;
  readonly color: boolean;
  /** With them the view shows values and limits; without, what the findings say. */
  readonly kpis?: readonly Kpi[];
  /** Without a terminal: the least time between two lines about the same bake. */
  readonly every?: Milliseconds;
}

export interface View {
  readonly onHappening: Observer;
  /** Tells the view which KPIs there are, once the config is known. */
  readonly know: (kpis: readonly Kpi[]) => void;
  /** Leaves the last frame standing and gives the cursor back. May be called twice. */
  readonly close: () => void;
}

const ESC = String.fromCharCode(27);
const HIDE_CURSOR = `${ESC}[?25l`;
const SHOW_CURSOR = `${ESC}[?25h`;
const CLEAR_REST_OF_LINE = `${ESC}[K`;
const CLEAR_BELOW = `${ESC}[J`;

/** Shows a rollout while it runs. */
export function createView(options: ViewOptions): View {
  let kpis = options.kpis ?? [];
  const draw = options.isTty ? liveDrawing(options) : plainLines(options);
  let model = INITIAL_MODEL;
  return {
    onHappening: (happening) => {
      const before = model;
      model = advance(before, happening, kpis);
      draw.show(model, happening, before);
    },
    know: (known) => {
      kpis = known;
    },
    close: draw.close,
  };
}

interface Drawing {
  readonly show: (model: ViewModel, happening: Happening, before: ViewModel) => void;
  readonly close: () => void;
}

function liveDrawing({ columns, rows, write, color }: ViewOptions): Drawing {
  const paint = color ? ansiPaint : noPaint;
  let widths: readonly number[] = [];
  let isOpen = false;
  const show = (model: ViewModel): void => {
    const room = Math.max(1, columns());
    const bare = within(renderFrame(model, room), rows?.());
    const lines = within(renderFrame(model, room, paint), rows?.());
    // A window made narrower has wrapped the old lines.
    const up = widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / room)), 0);
    const back = up === 0 ? '' : `${ESC}[${up}A`;
    const body = lines.map((line) => `${line}${CLEAR_REST_OF_LINE}\n`).join('');
    write(`${isOpen ? '' : HIDE_CURSOR}${back}\r${body}${CLEAR_BELOW}`);
    widths = bare.map(displayWidth);
    isOpen = true;
  };
  const close = (): void => {
    if (isOpen) write(SHOW_CURSOR);
    isOpen = false;
    widths = [];
  };
  return { show, close };
}

/** A frame higher than the window could not be redrawn in place: empty lines go first, then the end. */
function within(lines: string[], rows: number | undefined): string[] {
  if (rows === undefined || lines.length < rows) return lines;
  return lines.filter((line) => line !== '').slice(0, Math.max(1, rows - 1));
}

function plainLines({ write, every = 30_000 }: ViewOptions): Drawing {
  let lastTick: EpochMs | null = null;
  const show = (model: ViewModel, happening: Happening, before: ViewModel): void => {
    if (happening.type === 'moved' && !isNews(before, happening)) return;
    if (happening.type === 'tick') {
      if (lastTick !== null && happening.at - lastTick < every) return;
      lastTick = happening.at;
    }
    const clock = formatClock(happening.at - (model.startedAt ?? happening.at)).padStart(7);
    write(`${clock}  ${renderLogLine(happening)}\n`);
  };
  return { show, close: () => undefined };
}
