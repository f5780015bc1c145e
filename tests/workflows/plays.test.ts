import { beforeAll, describe, expect, it } from 'vitest';
import { allPlays, type Endings, type JobEnd, type Play } from '../support/workflow/plays.ts';
import { type Judged, judgeWorkflow, readWorkflow } from '../support/workflow/read.ts';

const PIPELINE = '.github/workflows/pipeline.yml';
const workflow = readWorkflow(PIPELINE);
let judged: Judged;
beforeAll(async () => {
  judged = await judgeWorkflow(PIPELINE);
});

const end = (result: JobEnd['result'], outputs: JobEnd['outputs'] = {}): JobEnd => ({ result, outputs });
const GATE: readonly JobEnd[] = [
  end('success', { verdict: 'pass' }),
  end('failure', { verdict: 'fail' }),
  end('cancelled'),
];
const ENDINGS: Readonly<Record<string, readonly JobEnd[]>> = {
  canary: [
    end('success', { state: 'promoted', verdict: 'pass' }),
    end('failure', { state: 'aborted', verdict: 'fail' }),
    end('failure', { state: 'baking', verdict: 'fail' }),
    end('failure'),
    end('cancelled', { state: 'aborted', verdict: 'fail' }),
    end('cancelled'),
  ],
  verify: [...GATE, end('failure', { verdict: 'inconclusive' })],
};
const endings: Endings = (job) => ENDINGS[job] ?? GATE;

const INPUTS = [false, true].flatMap((e2e) =>
  [false, true].flatMap((loadTest) =>
    ['', 'after'].flatMap((checklist) =>
      ['', 'stores'].map((listings) => ({
        e2e,
        'load-test': loadTest,
        'verify-checklist': checklist,
        'store-listings': listings,
        'store-listings-owner': '',
      })),
    ),
  ),
);

const ran = ({ ends }: Play, job: string): boolean =>
  ends[job] !== undefined && ends[job].result !== 'skipped';
const ended = ({ ends }: Play, job: string, result: string): boolean => ends[job]?.result === result;
const isPromoted = (play: Play): boolean =>
  ended(play, 'canary', 'success') && play.ends.canary?.outputs.state === 'promoted';

describe.each(INPUTS)('every way a pipeline can go, with %j', (inputs) => {
  let plays: Play[];
  beforeAll(() => {
    plays = [...allPlays(workflow, judged, { inputs, github: {} }, endings)];
    expect(plays.length).toBeGreaterThan(30);
  });
  const gates = [
    'preflight-staging',
    'deploy-staging',
    ...(inputs.e2e ? ['e2e'] : []),
    ...(inputs['load-test'] ? ['load-test'] : []),
    'preflight-production',
  ];
  const never = (what: (play: Play) => boolean): void => expect(plays.filter(what).slice(0, 3)).toEqual([]);

  it('no request meets the canary before every gate that is asked has passed', () =>
    never((play) => ran(play, 'canary') && !gates.every((gate) => ended(play, gate, 'success'))));

  it('a pipeline whose gates have all passed goes on, also when a gate was left out', () => {
    const green = plays.filter(
      (play) =>
        gates.every((gate) => ended(play, gate, 'success')) && !gates.includes(play.cancelledIn ?? ''),
    );
    expect(green.length).toBeGreaterThan(0);
    expect(green.filter((play) => !ran(play, 'canary'))).toEqual([]);
  });

  it('a gate that is left out is not run', () => {
    if (!inputs.e2e) never((play) => ran(play, 'e2e'));
    if (!inputs['load-test']) never((play) => ran(play, 'load-test'));
    if (inputs['verify-checklist'] === '') never((play) => ran(play, 'verify'));
    if (inputs['store-listings'] === '') never((play) => ran(play, 'store-listings'));
  });

  it('a canary that did not end promoted always has its safety net, in a cancelled run too', () =>
    never((play) => ran(play, 'canary') && !isPromoted(play) && !ran(play, 'safety-net')));

  it('the safety net runs for nothing else but a version that is red after promotion', () =>
    never(
      (play) =>
        ran(play, 'safety-net') &&
        (!ran(play, 'canary') || (isPromoted(play) && play.ends.verify?.outputs.verdict !== 'fail')),
    ));

  it('nothing is told to the stores before the version was promoted and is not red', () =>
    never(
      (play) =>
        ran(play, 'store-listings') &&
        (!isPromoted(play) ||
          !['success', 'skipped'].includes(play.ends.verify?.result ?? '') ||
          ran(play, 'safety-net')),
    ));

  it('a promoted version that nothing speaks against reaches the stores', () => {
    if (inputs['store-listings'] === '') return;
    const good = plays.filter(
      (play) =>
        isPromoted(play) &&
        play.cancelledIn === null &&
        !['failure', 'cancelled'].includes(play.ends.verify?.result ?? ''),
    );
    expect(good.length).toBeGreaterThan(0);
    expect(good.filter((play) => !ran(play, 'store-listings'))).toEqual([]);
  });

  it('a cancelled run begins nothing more but the safety net', () => {
    for (const play of plays.filter(({ cancelledIn }) => cancelledIn !== null)) {
      const order = Object.keys(play.ends);
      const after = order.slice(order.indexOf(play.cancelledIn ?? '') + 1);
      expect(after.filter((job) => ran(play, job) && job !== 'safety-net')).toEqual([]);
    }
  });
});
