import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventFlow, needsRecords } from '../../../src/lib/app/event-flow.ts';
import { PIPELINE_DEFAULTS, type Pipeline, type PipelineTarget } from '../../../src/lib/config/pipeline.ts';
import { parseEvent } from '../../../src/lib/parse/parse-event.ts';
import type { LogRecord } from '../../../src/lib/record/record.ts';

const to = (url: string): PipelineTarget => ({ urls: [url], mode: 'failover', copies: 1 });
const record = (fields: object): LogRecord => parseEvent(Buffer.from(JSON.stringify(fields)), {}, 0n, '');
const flowOf = (given: Partial<Pipeline>) => new EventFlow({ ...PIPELINE_DEFAULTS, ...given });
const names = (flow: EventFlow, fields: object) =>
  flow.judge(record(fields)).targets.map((at) => flow.targets[at]?.urls[0]);

describe('routes', () => {
  const flow = flowOf({
    routes: [
      { match: 'category:audit', to: to('audit'), continue: true },
      { match: 'level>=FATAL', to: to('critical'), continue: false },
      { match: 'level>=ERROR', to: to('errors'), continue: false },
      { match: 'service:old', to: to('raw'), continue: true },
    ],
    to: to('raw'),
  });

  it('take events in order, and hand on those that go further', () => {
    expect(names(flow, { level: 'info' })).toEqual(['raw']);
    expect(names(flow, { level: 'error' })).toEqual(['errors']);
    expect(names(flow, { level: 'fatal' })).toEqual(['critical']);
    expect(names(flow, { level: 'fatal', category: 'audit' })).toEqual(['audit', 'critical']);
    expect(names(flow, { level: 'warn', category: 'audit' })).toEqual(['audit', 'raw']);
  });

  it('lead to each target once, that of the pipeline being the last', () => {
    expect(flow.targets.map(({ urls }) => urls[0])).toEqual(['audit', 'critical', 'errors', 'raw']);
    expect(names(flow, { service: 'old' })).toEqual(['raw']);
  });

  it('need no records read where there is nothing to decide', () => {
    expect(needsRecords(PIPELINE_DEFAULTS)).toBe(false);
    expect(needsRecords({ ...PIPELINE_DEFAULTS, sample: { keep: { DEBUG: 1 }, whenLagAbove: undefined } })).toBe(false);
    expect(needsRecords({ ...PIPELINE_DEFAULTS, sample: { keep: { DEBUG: 0.9 }, whenLagAbove: undefined } })).toBe(
      true,
    );
    expect(needsRecords({ ...PIPELINE_DEFAULTS, drop: 'a' })).toBe(true);
    const whenLagAbove = { events: 1, group: undefined, keep: { INFO: 0.5 } };
    expect(needsRecords({ ...PIPELINE_DEFAULTS, sample: { keep: {}, whenLagAbove } })).toBe(true);
    expect(needsRecords({ ...PIPELINE_DEFAULTS, routes: [{ match: 'a', to: to('a'), continue: false }] })).toBe(true);
  });
});

describe('sampling', () => {
  const sampled = () =>
    flowOf({
      drop: 'path:/healthz',
      sample: {
        keep: { DEBUG: 0.5, TRACE: 0 },
        whenLagAbove: { events: 1, group: undefined, keep: { DEBUG: 0.1, INFO: 0.5 } },
      },
    });

  it('keeps WARN and above whole, also while consumers are behind', () => {
    const flow = sampled();
    for (const lagging of [false, true]) {
      flow.lagging = lagging;
      for (const level of ['warn', 'error', 'fatal', 'none']) expect(flow.judge(record({ level })).share).toBe(1);
    }
  });

  it('keeps less while consumers are behind, never more', () => {
    const flow = sampled();
    const share = (level: string) => flow.judge(record({ level })).share;
    expect(['trace', 'debug', 'info'].map(share)).toEqual([0, 0.5, 1]);
    flow.lagging = true;
    expect(['trace', 'debug', 'info'].map(share)).toEqual([0, 0.1, 0.5]);
  });

  it('drops first, and says why', () => {
    const flow = sampled();
    expect(flow.judge(record({ level: 'trace', path: '/healthz' }))).toEqual({
      share: 0,
      targets: [],
      dropped: 'drop',
    });
    expect(flow.take(record({ level: 'error', path: '/healthz' }))).toBe('drop');
    expect(flow.judge(record({ level: 'trace' }))).toEqual({ share: 0, targets: [], dropped: 'sample' });
    expect(flow.take(record({ level: 'trace' }))).toBe('sample');
  });

  it('keeps the first event of a level, and then just as many as its share says', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 3000 }), (permille, count) => {
        const share = permille / 1000;
        const flow = flowOf({ sample: { keep: { DEBUG: share }, whenLagAbove: undefined } });
        const debug = record({ level: 'debug' });
        const verdicts = Array.from({ length: count }, () => flow.take(debug));
        const kept = verdicts.filter((verdict) => verdict !== 'sample').length;
        expect(kept).toBe(Math.floor(((count - 1) * permille) / 1000) + (permille > 0 ? 1 : 0));
        if (share > 0) expect(verdicts[0]).toEqual([0]);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps traces whole, the same in every process, and about as many as the share says', () => {
    const [one, other] = [0, 1].map(() => flowOf({ sample: { keep: { DEBUG: 0.2 }, whenLagAbove: undefined } }));
    let kept = 0;
    for (let trace = 0; trace < 5000; trace += 1) {
      const event = record({ level: 'debug', trace_id: trace.toString(16).padStart(32, '0') });
      const verdict = one?.take(event);
      expect([one?.take(event), other?.take(event)]).toEqual([verdict, verdict]);
      if (verdict !== 'sample') kept += 1;
    }
    expect(kept / 5000).toBeGreaterThan(0.18);
    expect(kept / 5000).toBeLessThan(0.22);
  });
});
