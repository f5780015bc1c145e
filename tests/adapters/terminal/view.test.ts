import { describe, expect, test } from 'vitest';
import { renderFrame } from '../../../src/adapters/terminal/frame.ts';
import { advance, INITIAL_MODEL } from '../../../src/adapters/terminal/model.ts';
import { createView, type ViewOptions } from '../../../src/adapters/terminal/view.ts';
import { displayWidth } from '../../../src/adapters/terminal/width.ts';
import { KPIS, START } from '../../support/samples.ts';
import { errorStory, healthyStory } from '../../support/stories.ts';

const ESC = String.fromCharCode(27);
const story = errorStory();

/** A terminal of a given width: understands what the view writes, and nothing else. */
class Screen {
  readonly lines: string[] = [''];
  cursorShown = true;
  #row = 0;
  #column = 0;

  write(text: string): void {
    const commands = new RegExp(`${ESC}\\[(\\??\\d*)([A-Za-z])|\\r|\\n|[^${ESC}\\r\\n]+`, 'g');
    let read = 0;
    for (const match of text.matchAll(commands)) {
      read += match[0].length;
      const [whole, count = '', command] = match;
      if (command !== undefined) this.#obey(command, count);
      else if (whole === '\r') this.#column = 0;
      else if (whole === '\n') this.#newLine();
      else this.#put(whole);
    }
    if (read !== text.length) throw new Error(`not understood: ${JSON.stringify(text)}`);
  }

  #put(text: string): void {
    const line = (this.lines[this.#row] ?? '').padEnd(this.#column);
    this.lines[this.#row] = line.slice(0, this.#column) + text + line.slice(this.#column + text.length);
    this.#column += text.length;
  }

  #newLine(): void {
    this.#row += 1;
    this.#column = 0;
    if (this.#row === this.lines.length) this.lines.push('');
  }

  #obey(command: string, count: string): void {
    if (command === 'A') this.#row -= Number(count);
    else if (command === 'K') this.lines[this.#row] = (this.lines[this.#row] ?? '').slice(0, this.#column);
    else if (command === 'J') this.lines.length = this.#row + 1;
    else if (command === 'h' || command === 'l') this.cursorShown = command === 'h';
    else if (command !== 'm') throw new Error(`unknown command ${command}`);
    if (this.#row < 0) throw new Error('the cursor left the screen');
  }
}

function played(options: Partial<ViewOptions>, happenings = story.happenings) {
  const screen = new Screen();
  const view = createView({
    columns: () => 90,
    isTty: true,
    color: false,
    kpis: KPIS,
    write: (text) => screen.write(text),
    ...options,
  });
  for (const happening of happenings) view.onHappening(happening);
  return { screen, view };
}

describe('on a terminal', () => {
  test('one frame stands in one place, and nothing of the frames before it is left', () => {
    const { screen } = played({});
    const model = story.happenings.reduce((last, next) => advance(last, next, KPIS), INITIAL_MODEL);
    expect(screen.lines).toEqual([...renderFrame(model, 90), '']);
  });

  test('the cursor is hidden while it draws, and given back once at the end', () => {
    const { screen, view } = played({});
    expect(screen.cursorShown).toBe(false);
    view.close();
    expect(screen.cursorShown).toBe(true);
    const before = [...screen.lines];
    view.close();
    expect(screen.lines).toEqual(before);
  });

  test('a view that was never drawn writes nothing when it closes', () => {
    let written = '';
    createView({ columns: () => 80, isTty: true, color: true, write: (text) => (written += text) }).close();
    expect(written).toBe('');
  });

  test('colours only when it may', () => {
    const colours = new RegExp(`${ESC}\\[\\d+m`);
    const written = (color: boolean): string => {
      let text = '';
      played({ color, write: (part) => (text += part) });
      return text;
    };
    expect(written(true)).toMatch(colours);
    expect(written(false)).not.toMatch(colours);
  });

  test('a window made narrower is followed', () => {
    let columns = 100;
    let last = '';
    const view = createView({
      columns: () => columns,
      isTty: true,
      color: false,
      kpis: KPIS,
      write: (text) => (last = text),
    });
    for (const happening of story.happenings.slice(0, 30)) view.onHappening(happening);
    columns = 40;
    for (const happening of story.happenings.slice(30, 32)) view.onHappening(happening);
    const lines = last.replace(new RegExp(`${ESC}\\[\\??\\d*[A-Za-z]|\\r`, 'g'), '').split('\n');
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(40);
  });

  test('a frame is never higher than the window, so that it can be redrawn', () => {
    const { screen } = played({ rows: () => 10 });
    expect(screen.lines.length).toBeLessThanOrEqual(10);
    expect(screen.lines[0]).toContain('booking-api in production');
  });

  test('values and limits appear once the config is known', () => {
    const { screen, view } = played({ kpis: [] }, story.happenings.slice(0, 20));
    expect(screen.lines.join('\n')).not.toContain('> 800 ms');
    view.know(KPIS);
    for (const happening of story.happenings.slice(20, 22)) view.onHappening(happening);
    expect(screen.lines.join('\n')).toContain('> 800 ms');
  });
});

describe('without a terminal', () => {
  const linesOf = (happenings: typeof story.happenings, every: number): string[] => {
    let text = '';
    const view = createView({
      columns: () => 40,
      isTty: false,
      color: true,
      every,
      write: (part) => (text += part),
    });
    happenings.forEach(view.onHappening);
    view.close();
    return text.split('\n').slice(0, -1);
  };

  test('each transition is one plain line, and a bake one line now and then', () => {
    const lines = linesOf(story.happenings, 240_000);
    expect(lines).toEqual([
      '   0:00  Started 3f2c1ab, driven by mara',
      '   0:42  3f2c1ab runs in slot b, healthy',
      '   0:44  10 % of traffic is on the new version, read back',
      '   0:54  10 %, baked none of 30m',
      '   4:54  10 %, baked 4m of 30m, 7 of 7 checks pass',
      '   8:54  10 %, baked 8m of 30m, 7 of 7 checks pass',
      '  12:54  10 %, baked 12m of 30m, 7 of 7 checks pass',
      '  13:24  Going back: error rate 4.1 % on the canary, limit > 2 % for 5m',
      '  13:25  All traffic is back on stable, read back',
      '  13:33  Ended; what serves now was checked and well',
    ]);
  });

  test('no line has a terminal command, and checkpoints say nothing', () => {
    const lines = linesOf(healthyStory().happenings, 600_000);
    expect(lines.join('\n')).not.toContain(ESC);
    expect(lines.join('\n')).not.toContain('Still watching');
    expect(lines.filter((line) => line.includes('baked')).length).toBeLessThanOrEqual(12);
  });

  test('notes are always told', () => {
    const note = {
      type: 'note',
      at: START,
      level: 'warning',
      message: `\u001b[31mthe ledger is slow\n`,
    } as const;
    expect(linesOf([note, note], 600_000)).toEqual([
      '   0:00  warning: the ledger is slow',
      '   0:00  warning: the ledger is slow',
    ]);
  });
});
