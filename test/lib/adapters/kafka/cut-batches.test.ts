import { describe, expect, it } from 'vitest';
import { cutBatches } from '../../../../src/lib/adapters/kafka/cut-batches.ts';
import type { InMessage } from '../../../../src/lib/adapters/kafka/kafka-transport.ts';
import type { Reading } from '../../../../src/lib/adapters/kafka/read-message.ts';
import { eachEvent } from '../../../../src/lib/record/events.ts';
import { formatLogId, parseLogId } from '../../../../src/lib/record/log-id.ts';

const ID = formatLogId(1_700_000_000_000, 'aabbccddeeff', 3, 4);
const reading = (): Reading => ({ cluster: 'c', avro: undefined, contexts: new Map() });
const message = (offset: number, value: string | null, more: Partial<InMessage> = {}): InMessage => ({
  offset,
  timestamp: 1_700_000_000_000,
  key: null,
  value: value === null ? null : Buffer.from(value),
  headers: {},
  ...more,
});
const cut = (messages: readonly InMessage[], next = messages.length) =>
  cutBatches({ topic: 't', partition: 2, parts: messages, first: 0, next }, 0, reading());
const eventsOf = ({ batch }: Awaited<ReturnType<typeof cutBatches>>[number]): string[] => {
  const events: string[] = [];
  eachEvent(batch.bytes, batch.joins, (start, end) =>
    events.push(Buffer.from(batch.bytes.subarray(start, end)).toString()),
  );
  return events;
};

describe('batches of messages', () => {
  it('hold events of one or several lines, with ids that are the same every time', async () => {
    const messages = [
      message(0, 'one'),
      message(1, 'two\nlines'),
      message(2, null),
      message(3, ''),
      message(4, 'end\n'),
    ];
    const [batch] = await cut(messages, 7);
    expect(batch && eventsOf(batch)).toEqual(['one', 'two\nlines', 'end']);
    expect(batch).toMatchObject({ from: 0, to: 7, batch: { events: 3, lines: 4, joins: [1, 2, 1] } });
    expect(batch?.batch.source).toEqual({ id: 'kafka:c/t/2', from: 0, to: 7 });
    expect(batch?.batch.ids?.map((id) => parseLogId(id)?.seq)).toEqual([0, 1, 4]);
    expect(batch?.batch.ids).toEqual((await cut(messages, 7))[0]?.batch.ids);
    expect(batch?.batch.origin?.(2)).toEqual({ topic: 't', partition: '2', offset: '4' });
  });

  it('are cut where the context changes, and keep ids and contexts of ours', async () => {
    const ours = (offset: number, file: string) =>
      message(offset, 'x', { headers: { log_id: ID, log_context: Buffer.from(JSON.stringify({ file, other: 1 })) } });
    const batches = await cut([
      ours(0, 'a'),
      ours(1, 'a'),
      ours(2, 'b'),
      message(3, 'y', { key: Buffer.from('shop') }),
    ]);
    expect(batches.map(({ batch, from, to }) => [batch.context, batch.events, from, to])).toEqual([
      [{ file: 'a' }, 2, 0, 2],
      [{ file: 'b' }, 1, 2, 3],
      [{ service: 'shop' }, 1, 3, 4],
    ]);
    expect(batches[0]?.batch.ids).toEqual([ID, ID]);
  });

  it('leave out what cannot be read, and say where it was', async () => {
    const messages = [
      message(0, 'good'),
      message(1, '\0\0\0\0\u0007x'),
      message(2, 'x'.repeat((1 << 20) + 1)),
      message(3, 'c', { headers: { log_id: ID, log_context: Buffer.from('[') } }),
      message(4, null, { damaged: 'its zstd cannot be inflated: no' }),
    ];
    const [batch] = await cut(messages);
    expect(batch && eventsOf(batch)).toEqual(['good']);
    expect(batch?.unreadable.map(({ reason, origin }) => [origin['offset'], reason])).toEqual([
      ['1', expect.stringContaining('registry=URL')],
      ['2', expect.stringContaining('1048577 bytes')],
      ['3', expect.stringContaining('log_context is no JSON')],
      ['4', 'its zstd cannot be inflated: no'],
    ]);
  });

  it('take the payload out of the envelopes of Kafka Connect, digits and all', async () => {
    const payload = '{"before":null,"after":{"id":9007199254740993},"op":"c"}';
    const batches = await cut([
      message(0, `{"schema":{"type":"struct"},"payload":${payload}}`),
      message(1, '{"schema":"public","table":"users"}'),
      message(2, '{"schema":null,"payload":null}'),
    ]);
    expect(batches.flatMap(eventsOf)).toEqual([payload, '{"schema":"public","table":"users"}']);
  });
});
