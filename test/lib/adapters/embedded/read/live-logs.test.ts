import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  eachLiveEvent,
  type LiveLog,
  liveRecord,
  placeBehind,
  readLiveLog,
  readLogBehind,
} from '../../../../../src/lib/adapters/embedded/read/live-logs.ts';
import { listLogs } from '../../../../../src/lib/buffer/log-folder.ts';
import { EmbeddedWriter } from '../../../../../src/lib/adapters/embedded/write/writer.ts';
import { nodeFs } from '../../../../../src/lib/buffer/fs.ts';
import { temporaryFolder } from '../../../buffer/temporary-folder.ts';

const recordsOf = (log: LiveLog) => {
  const records: unknown[] = [];
  eachLiveEvent(log, (event) => records.push(liveRecord(event)));
  return records;
};

async function someLog() {
  const dir = join(temporaryFolder(), 'store');
  const seal = (): Promise<never> => Promise.reject(new Error('nothing to seal'));
  const writer = await EmbeddedWriter.open({ dir, seal, tell: (problem) => expect.fail(problem.message) });
  // The second and the third frame have the context of the one before, so that their headers do not say it.
  for (const [text, service] of [
    ['one\ntwo\n', 'a'],
    ['three\n', 'a'],
    ['four\n', 'a'],
    ['five\n', 'b'],
  ] as const) {
    await writer.append({ bytes: Buffer.from(text), lines: text.split('\n').length - 1, context: { service } });
  }
  await writer.close();
  const [entry] = await listLogs(nodeFs, join(dir, 'default'));
  const whole = entry === undefined ? undefined : await readLiveLog(nodeFs, entry);
  if (entry === undefined || whole === undefined) throw new Error('no log file');
  return { entry, whole };
}

it('what is behind a frame is the rest of the whole', async () => {
  const { entry, whole } = await someLog();
  const all = recordsOf(whole);
  expect(all).toHaveLength(5);
  for (let count = 1; count < whole.frames.length; count += 1) {
    const before = { ...whole, frames: whole.frames.slice(0, count) };
    const place = placeBehind(before);
    if (place === undefined) throw new Error('no place');
    const behind = await readLogBehind(nodeFs, entry, place);
    if (behind === undefined) throw new Error('nothing read');
    expect(recordsOf(behind)).toEqual(all.slice(recordsOf(before).length));
    expect(placeBehind(behind, place.offset)).toEqual(placeBehind(whole));
  }
});

it('a file that is not as it was left has to be read whole', async () => {
  const { entry, whole } = await someLog();
  const [first, second] = whole.frames;
  const place = placeBehind({ ...whole, frames: whole.frames.slice(0, 1) });
  if (first === undefined || second === undefined || place === undefined) throw new Error('no frames');
  expect(await readLogBehind(nodeFs, entry, { ...place, offset: place.offset + 1 })).toBeUndefined();
  expect(await readLogBehind(nodeFs, entry, { ...place, seq: 7 })).toBeUndefined();
  expect(await readLogBehind(nodeFs, { ...entry, bytes: place.offset }, place)).toBeUndefined();
  expect(await readLogBehind(nodeFs, { ...entry, path: `${entry.path}.gone` }, place)).toBeUndefined();
  const bytes = Buffer.from(whole.bytes);
  bytes[second.payload] = 0;
  writeFileSync(entry.path, bytes);
  expect(await readLogBehind(nodeFs, entry, place)).toBeUndefined();
  truncateSync(entry.path, place.offset);
  expect(await readLogBehind(nodeFs, entry, place)).toBeUndefined();
});
