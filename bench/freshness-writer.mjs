// `node bench/freshness-writer.mjs STORE FILE RATE SECONDS`, started by freshness.mjs: appends the lines of a file, over
// and over, at so many bytes a second. Tells its parent the word in the last event of each batch once that is
// acknowledged, with the moment on the clock that all processes share; at the end what it did.
import { closeSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEmbeddedWriter } from '../dist/lib/adapters/embedded/embedded-store.js';

const [store, file, rate, seconds] = process.argv.slice(2).map((text) => (/^\d+$/.test(text) ? Number(text) : text));
const BATCHES_A_SECOND = 20;

const writer = await openEmbeddedWriter(store, { tell: (problem) => process.stderr.write(`${problem.message}\n`) });
const chunks = wholeLines(file, Math.ceil(rate / BATCHES_A_SECOND));
const began = performance.now();
let [events, bytes, batch] = [0, 0, 0];
const waiting = [];
for (let second = 0; second < seconds; second = (performance.now() - began) / 1000) {
  const early = batch * (1000 / BATCHES_A_SECOND) - (performance.now() - began);
  if (early > 0) await sleep(early);
  const word = `acknowledged${batch++}x`;
  const marked = Buffer.concat([chunks.next().value, Buffer.from(`{"message":"${word}","time":${Date.now()}}\n`)]);
  const lines = linesIn(marked);
  events += lines;
  bytes += marked.length;
  waiting.push(
    writer.append({ bytes: marked, lines, context: {} }).then(() => {
      process.send({ word, second, at: String(process.hrtime.bigint()) });
    }),
  );
  if (waiting.length > BATCHES_A_SECOND) await waiting.shift();
}
await Promise.all(waiting);
const took = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage();
await writer.close();
process.send({ events, bytes, took, cpuSeconds: (user + system) / 1e6 }, () => process.disconnect());

/** Pieces of about that size that end with a line, from the start again after the last. */
function* wholeLines(path, size) {
  const fd = openSync(path, 'r');
  const buffer = Buffer.alloc(size);
  try {
    for (let place = 0; ; ) {
      const length = readSync(fd, buffer, 0, size, place);
      const end = buffer.lastIndexOf(10, length - 1) + 1;
      if (end > 0) yield Buffer.from(buffer.subarray(0, end));
      place = end > 0 && length === size ? place + end : 0;
    }
  } finally {
    closeSync(fd);
  }
}

function linesIn(text) {
  let lines = 0;
  for (let at = text.indexOf(10); at !== -1; at = text.indexOf(10, at + 1)) lines++;
  return lines;
}
