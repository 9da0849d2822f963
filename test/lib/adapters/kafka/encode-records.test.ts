import decodeRecord from 'kafkajs/src/protocol/recordBatch/record/v0/decoder.js';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import { describe, expect, it } from 'vitest';
import { encodeRecords } from '../../../../src/lib/adapters/kafka/encode-records.ts';

describe('records as the protocol has them', () => {
  it('are read by kafkajs as they were written', () => {
    const messages = [
      { key: null, value: Buffer.from(''), timestamp: 1_700_000_000_500, headers: [] },
      {
        key: Buffer.from('schlüssel'),
        value: Buffer.from('ä'.repeat(5000)),
        timestamp: 1_700_000_000_000,
        headers: [
          { name: 'log_id', value: '0'.repeat(32) },
          { name: 'größe', value: Buffer.from([0, 255]) },
          { name: 'text', value: '€' },
        ],
      },
      { key: Buffer.alloc(0), value: Buffer.alloc(70_000, 1), timestamp: 1_700_600_000_000, headers: [] },
    ];
    const { bytes, first, last } = encodeRecords(messages);
    expect([first, last]).toEqual([1_700_000_000_000, 1_700_600_000_000]);
    const decoder = new Decoder(bytes);
    const context = { firstOffset: '40', firstTimestamp: String(first), magicByte: 2 };
    const read = messages.map(() => decodeRecord(new Decoder(decoder.readVarIntBytes()), context));
    expect(decoder.canReadBytes(1)).toBe(false);
    expect(read.map(({ offset }) => offset)).toEqual(['40', '41', '42']);
    expect(read.map(({ timestamp }) => Number(timestamp))).toEqual(messages.map(({ timestamp }) => timestamp));
    for (const [at, { key, value }] of messages.entries()) {
      expect(read[at]?.key ?? null).toEqual(key);
      expect(read[at]?.value.equals(value)).toBe(true);
    }
    expect(read[1]?.headers).toEqual({
      log_id: Buffer.from('0'.repeat(32)),
      größe: Buffer.from([0, 255]),
      text: Buffer.from('€'),
    });
  });
});
