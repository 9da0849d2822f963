import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { UpkeepWriter } from '../../../../../src/lib/adapters/embedded/compact/upkeep-writer.ts';
import type { LogWriter } from '../../../../../src/lib/store/store.ts';

const batch = { bytes: Buffer.from('x\n'), lines: 1, context: {} };

/** A writer that keeps nothing, and what was done with it. */
function scripted() {
  const done: string[] = [];
  const writer: LogWriter = {
    unparsed: 0,
    append: async () => void done.push('append'),
    marks: async () => new Map(),
    close: async () => void done.push('close'),
  };
  return { writer, done };
}

describe('a writer that keeps its store good', () => {
  it('takes one step of seconds at most once it has written, none where it has not', async () => {
    const { writer, done } = scripted();
    const kept = new UpkeepWriter(writer, async (budget) => done.push(`step ${budget}`) > 0);
    await kept.append(batch);
    await kept.close();
    await kept.close();
    expect(done).toEqual(['append', 'close', 'step 2500', 'close']);
    const much = scripted();
    const long = new UpkeepWriter(much.writer, async (budget) => much.done.push(`step ${budget}`) > 0);
    await long.append({ ...batch, bytes: Buffer.alloc(64 * 2 ** 20) });
    await long.close();
    expect(much.done).toEqual(['append', 'close', 'step 800']);
    const other = scripted();
    await new UpkeepWriter(other.writer, async () => other.done.push('step') > 0).close();
    expect(other.done).toEqual(['close']);
  });

  it('takes a step while nothing comes, one at a time, and ends it when it is to leave', async () => {
    const { writer, done } = scripted();
    const step = async (budget: number, signal: AbortSignal): Promise<boolean> => {
      done.push(`step ${budget}`);
      if (budget > 2500) await sleep(60_000, undefined, { signal }).catch(() => done.push('ended'));
      return false;
    };
    const kept = new UpkeepWriter(writer, step, 50);
    await kept.append(batch);
    await expect.poll(() => done).toContain('step 10000');
    await sleep(120);
    await kept.close();
    expect(done).toEqual(['append', 'step 10000', 'ended', 'close', 'step 2500']);
  });

  it('takes none while something comes', async () => {
    const { writer, done } = scripted();
    const kept = new UpkeepWriter(writer, async () => done.push('step') > 0, 200);
    for (let n = 0; n < 12; n++) {
      await kept.append(batch);
      await sleep(40);
    }
    expect(done).not.toContain('step');
    await kept.close();
  });
});
