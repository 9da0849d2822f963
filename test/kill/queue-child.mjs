// Queues events and delivers them, over the compiled queue: `queue-child.mjs DIST DIR NAME BATCHES`. Prints `A id` once
// an event is acknowledged and `D id log_id` once it is delivered, and then says that it is done, of every second batch a
// batch later. Log files end after three frames, so that they are deleted meanwhile.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, dir, name, batches] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(dist, 'lib', path)).href);
const { openDiskQueue } = await load('adapters/queue/disk-queue.js');

const tell = (problem) => process.stderr.write(`${problem.code}: ${problem.message}\n`);
// Some of it is read back from the disk.
const limits = { rotateFrames: 3, memoryBytes: 600, saveMs: 1 };
const queue = await openDiskQueue({ dir, tell, limits });

async function deliver() {
  let late;
  for await (const batch of queue.take(new AbortController().signal)) {
    const ids = Buffer.from(batch.bytes).toString('utf8').split('\n').slice(0, -1);
    writeSync(1, ids.map((id, event) => `D ${id} ${batch.ids[event]}\n`).join(''));
    if (late === undefined && queue.depth().events > batch.events) late = batch;
    else {
      batch.done();
      late?.done();
      late = undefined;
    }
    // Checkpoints come in between.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const delivered = deliver();
let from = 0;
for (let batch = 0; batch < Number(batches); batch += 1) {
  const ids = [0, 1, 2].map((line) => `${name}.${batch}.${line}`);
  const bytes = Buffer.from(ids.map((id) => `${id}\n`).join(''));
  const source = { id: name, from, to: from + bytes.length, hash: `${batch}` };
  from += bytes.length;
  await queue.append({ bytes, lines: 3, events: 3, context: { service: name }, source });
  writeSync(1, ids.map((id) => `A ${id}\n`).join(''));
}
await queue.end();
await delivered;
await queue.close();
