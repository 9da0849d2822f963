import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonWithCrc } from '../../../src/lib/buffer/crc.ts';
import { nodeFs } from '../../../src/lib/buffer/fs.ts';
import { type FrameScan, parseLogFileName, scanFrames } from '../../../src/lib/buffer/log-file.ts';
import { LogFileWriter } from '../../../src/lib/buffer/log-file-writer.ts';
import { temporaryFolder } from './temporary-folder.ts';

const LIFE = '0123456789abcdef';

interface Made {
  readonly bytes: Buffer;
  readonly payloads: readonly Buffer[];
  /** Where each frame starts, and where the last ends. */
  readonly offsets: readonly number[];
}

/** A log file as the writer makes it; `synced[i]` is what frame i + 1 says. */
function logOf(payloads: readonly string[], synced: readonly number[] = []): Made {
  const parts: Buffer[] = [];
  const offsets = [0];
  for (const [at, text] of payloads.entries()) {
    const payload = Buffer.from(text);
    const ctx = at === 0 ? { ctx: { service: 'api' } } : {};
    const header = { '~f': 1, life: LIFE, seq: at + 1, synced: synced[at] ?? 0, t: 1_700_000_000_000 + at, ...ctx };
    parts.push(jsonWithCrc({ ...header, n: text.split('\n').length - 1, len: payload.length }, payload), payload);
    offsets.push(parts.reduce((sum, part) => sum + part.length, 0));
  }
  return { bytes: Buffer.concat(parts), payloads: payloads.map((text) => Buffer.from(text)), offsets };
}

function payloadsOf(bytes: Buffer, scan: FrameScan): Map<number, string> {
  return new Map(
    scan.frames.map((frame) => [
      frame.header.seq,
      bytes.toString('latin1', frame.payload, frame.payload + frame.header.len),
    ]),
  );
}

describe('scanFrames', () => {
  it('gives frames and contexts back, and the end', () => {
    const made = logOf(['a\n', 'b\nc\n', ''], [0, 0, 2]);
    const scan = scanFrames(made.bytes, LIFE);
    expect(scan.frames.map(({ header, context, offset }) => [header.seq, header.n, context.service, offset])).toEqual([
      [1, 1, 'api', made.offsets[0]],
      [2, 2, 'api', made.offsets[1]],
      [3, 0, 'api', made.offsets[2]],
    ]);
    expect(scan).toMatchObject({ end: made.bytes.length, synced: 2, damage: [] });
    expect(scan.torn).toBeUndefined();
  });

  it('takes nothing of another life', () => {
    const scan = scanFrames(logOf(['a\n'], [0]).bytes, 'fedcba9876543210');
    expect(scan).toMatchObject({ frames: [], end: 0, torn: { offset: 0 } });
  });

  it('takes lines that look like headers for lines, the file’s own frames included', () => {
    const inner = logOf(['x\n']).bytes.toString('latin1').repeat(3);
    const made = logOf(['x\n', inner, '{"~f":1,"life":"0123456789abcdef",\n', 'y\n'], [0, 1, 2, 3]);
    const scan = scanFrames(made.bytes, LIFE);
    expect([...payloadsOf(made.bytes, scan).values()]).toEqual([
      'x\n',
      inner,
      '{"~f":1,"life":"0123456789abcdef",\n',
      'y\n',
    ]);
    // Damage to the frame that holds the copies must not bring them up as frames.
    const second = made.offsets[1] ?? 0;
    const harmed = Buffer.from(made.bytes);
    harmed.write('X', second + 20);
    const salvaged = scanFrames(harmed, LIFE);
    expect(salvaged.frames.map(({ header }) => header.seq)).toEqual([1, 3, 4]);
    expect(salvaged.damage).toMatchObject([{ offset: second, length: (made.offsets[2] ?? 0) - second }]);
  });

  it('cuts at the first invalid frame above every synced, its whole successors too', () => {
    const made = logOf(['a\n', 'b\n', 'c\n', 'd\n', 'e\n'], [0, 1, 1, 1, 1]);
    const harmed = Buffer.from(made.bytes);
    harmed.write('X', (made.offsets[3] ?? 0) - 2);
    const scan = scanFrames(harmed, LIFE);
    expect(scan).toMatchObject({ end: made.offsets[2], torn: { offset: made.offsets[2] }, damage: [] });
    expect(scan.frames.map(({ header }) => header.seq)).toEqual([1, 2]);
  });

  it('takes zeros for a torn tail', () => {
    const made = logOf(['a\n', 'b\n'], [0, 1]);
    const scan = scanFrames(Buffer.concat([made.bytes, Buffer.alloc(4096)]), LIFE);
    expect(scan).toMatchObject({ end: made.bytes.length, torn: { offset: made.bytes.length }, damage: [] });
  });

  it('answers right for every byte of a log flipped, zeroed and cut off', () => {
    const payloads = ['first line\nsecond\n', '{"level":"ERROR","n":1}\n', 'third\n', '', 'tail one\n', 'tail two\n'];
    // Frame 4 says that 3 were durable; 5 and 6 come after the last that is known.
    const made = logOf(payloads, [0, 0, 1, 3, 3, 3]);
    const frameOf = (offset: number): number => made.offsets.findIndex((start) => start > offset);
    for (let offset = 0; offset < made.bytes.length; offset += 1) {
      for (const harm of ['flip', 'zero', 'cut'] as const) {
        const bytes = Buffer.from(harm === 'cut' ? made.bytes.subarray(0, offset) : made.bytes);
        if (harm === 'flip') bytes[offset] = (bytes[offset] ?? 0) ^ (1 << (offset % 8));
        if (harm === 'zero') bytes[offset] = 0;
        const scan = scanFrames(bytes, LIFE);
        const harmed = frameOf(offset);
        const isDamage = harm !== 'cut' && harmed <= 3;
        const expected = isDamage
          ? [1, 2, 3, 4, 5, 6].filter((seq) => seq !== harmed)
          : [1, 2, 3, 4, 5, 6].filter((seq) => seq < harmed);
        const found = payloadsOf(bytes, scan);
        const where = `${harm} at ${offset}`;
        expect([...found.keys()], where).toEqual(expected);
        for (const [seq, text] of found) expect(text, where).toBe(payloads[seq - 1]);
        expect(scan.damage.length, where).toBe(isDamage ? 1 : 0);
        const atBoundary = harm === 'cut' && made.offsets.includes(offset);
        expect(scan.torn !== undefined, where).toBe(!isDamage && !atBoundary);
      }
    }
  });

  it('never throws, never gives a frame that was not written, for any bytes', () => {
    const made = logOf(['a\n', 'b\n', 'c\n', 'd\n'], [0, 1, 2, 3]);
    const cut = fc.record({ at: fc.nat(made.bytes.length), drop: fc.nat(60), put: fc.uint8Array({ maxLength: 60 }) });
    fc.assert(
      fc.property(fc.array(cut, { maxLength: 4 }), (cuts) => {
        let bytes: Buffer = made.bytes;
        for (const { at, drop, put } of cuts)
          bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + drop)]);
        const scan = scanFrames(bytes, LIFE);
        for (const [seq, text] of payloadsOf(bytes, scan)) expect(text).toBe(made.payloads[seq - 1]?.toString());
      }),
    );
  });
});

describe('a log file written and read', () => {
  it('gives any payload back', async () => {
    const folder = temporaryFolder();
    const writer = await LogFileWriter.create(nodeFs, folder, 1, 0, Date.now);
    const payloads = [Buffer.from([0, 255, 10, 13, 10]), Buffer.from('{"~f":1}\n'), Buffer.alloc(3_000_000, '\n')];
    const context = { service: 'a\u2028"\ud800', fields: JSON.parse('{"__proto__":"x"}') as Record<string, string> };
    await Promise.all(payloads.map((payload) => writer.append({ payload, lines: 1, context })));
    const state = await writer.finish();
    const bytes = readFileSync(writer.path);
    const scan = scanFrames(bytes, parseLogFileName(writer.file)?.life ?? '');
    const data = scan.frames.filter(({ header }) => header.n > 0);
    expect(
      data.map((frame) =>
        Buffer.compare(
          bytes.subarray(frame.payload, frame.payload + frame.header.len),
          payloads[frame.header.seq - 1] ?? Buffer.of(),
        ),
      ),
    ).toEqual([0, 0, 0]);
    expect(JSON.stringify(data.at(-1)?.context)).toBe(JSON.stringify(context));
    expect(state).toMatchObject({ bytes: bytes.length, seq: 4, file: writer.file });
    expect(scan.synced).toBe(3);
  });
});
