// `node bench/generate.mjs [shop|entropy|access] [--size 256MB] [--rate 100MB] [--seed 1]`: NDJSON of services, or a web
// server's access log, on standard output, the same for the same kind and seed, at most so many bytes a second. Says on
// stderr how much it was, and how many times smaller `zstd -3` makes it.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { accessLogs } from './generated/access.mjs';
import { entropyLogs } from './generated/entropy.mjs';
import { randomOf } from './generated/random.mjs';
import { shopLogs } from './generated/shop.mjs';
import { bytesOf } from './sizes.mjs';
import { zstdRatio } from './zstd.mjs';

export const KINDS = { shop: shopLogs, entropy: entropyLogs, access: accessLogs };
const CHUNK = 256 * 1024;
/** A kind compresses alike all along: this much tells. */
const SAMPLE = 16_000_000;

/** Chunks of whole lines, `size` bytes together, the last line cut off before it would pass that. */
export function* generate(kind, { size, seed = 1 }) {
  const nextLine = KINDS[kind](randomOf(seed));
  let left = size;
  for (;;) {
    const lines = [];
    let length = 0;
    while (length < CHUNK) {
      const line = `${nextLine()}\n`;
      const bytes = Buffer.byteLength(line);
      if (bytes > left) {
        if (lines.length > 0) yield { bytes: Buffer.from(lines.join('')), events: lines.length };
        return;
      }
      lines.push(line);
      length += bytes;
      left -= bytes;
    }
    yield { bytes: Buffer.from(lines.join('')), events: lines.length };
  }
}

/** Writes them to a stream, no faster than `rate` bytes a second; gives {bytes, events, seconds}. */
export async function generateInto(stream, kind, { rate = Number.POSITIVE_INFINITY, ...options }) {
  const began = performance.now();
  let [bytes, events] = [0, 0];
  for (const chunk of generate(kind, options)) {
    if (!stream.write(chunk.bytes)) await once(stream, 'drain');
    bytes += chunk.bytes.length;
    events += chunk.events;
    const early = (bytes / rate) * 1000 - (performance.now() - began);
    if (early > 1) await sleep(early);
  }
  return { bytes, events, seconds: (performance.now() - began) / 1000 };
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { size: { type: 'string' }, rate: { type: 'string' }, seed: { type: 'string' } },
  });
  const [kind = 'shop'] = positionals;
  if (!Object.hasOwn(KINDS, kind))
    throw new Error(`no kind is called ${kind}; there are ${Object.keys(KINDS).join(', ')}`);
  const seed = Number(values.seed ?? 1);
  const rate = values.rate === undefined ? undefined : bytesOf(values.rate);
  const { bytes, events, seconds } = await generateInto(process.stdout, kind, {
    size: bytesOf(values.size ?? '256MB'),
    seed,
    rate,
  });
  const sample = Buffer.concat(
    [...generate(kind, { size: Math.min(bytes, SAMPLE), seed })].map((chunk) => chunk.bytes),
  );
  const ratio = zstdRatio(sample);
  process.stderr.write(
    `${kind}, seed ${seed}: ${events} events, ${(bytes / 1e6).toFixed(1)} MB in ${seconds.toFixed(1)} s; ` +
      `zstd -3 ${ratio === undefined ? 'is not installed' : `makes it ${ratio.toFixed(1)} times smaller`}\n`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.on('error', (error) => {
    // Whoever reads has had enough.
    if (error.code === 'EPIPE') process.exit();
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  });
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}
