import { describe, expect, it } from 'vitest';
import { openKafkaSink } from '../../src/lib/adapters/kafka/kafka-sink.ts';
import { openKafkaSource } from '../../src/lib/adapters/kafka/kafka-source.ts';
import { LogsError } from '../../src/lib/errors.ts';
import { batchOf } from '../contracts/sink.ts';
import { server } from './servers.ts';

const kafka = await server('kafka-secure');
const signal = new AbortController().signal;
const topic = `kafka-secure-${process.pid}`;

/** An address with a topic in it and more settings. */
function at(url: string, name: string, more = ''): string {
  const [hosts = '', params = ''] = url.split('?');
  return `${hosts}/${name}?${[params, more].filter((part) => part !== '').join('&')}`;
}

async function checked(url: string): Promise<LogsError | 'fine'> {
  const sink = await openKafkaSink(url);
  try {
    await sink.check(signal);
    return 'fine';
  } catch (error) {
    if (error instanceof LogsError) return error;
    throw error;
  } finally {
    await sink.close();
  }
}

describe.skipIf(kafka.missing)('Kafka with TLS, SASL and ACL', () => {
  it('is written to and read with SASL PLAIN over TLS', async () => {
    const sink = await openKafkaSink(at(kafka.url, topic, 'create=true&partitions=1&replication=1'));
    await sink.check(signal);
    expect(await sink.send(batchOf(['a', 'b']), signal)).toEqual({ accepted: 2, rejected: [] });
    await sink.close();
    const source = await openKafkaSource(at(kafka.url, topic, `group=${topic}`));
    let events = 0;
    for await (const each of source.read(new Map(), { follow: false }, signal)) {
      events += each.batch.events;
      each.done();
    }
    await source.close();
    expect(events).toBe(2);
  });

  it.each([
    [
      'a wrong password',
      () => at(kafka.url.replace('secret123', 'wrong'), topic),
      'REMOTE_DENIED',
      /user or the password/,
    ],
    [
      'a wrong SCRAM password',
      () => at(kafka.urls['scram']!.replace('secret123', 'no'), topic),
      'REMOTE_DENIED',
      /password/,
    ],
    ['an unknown authority', () => at(kafka.url.split('?')[0]!, topic), 'REMOTE_TLS', /not trusted/],
    [
      'no TLS at its port',
      () => at(kafka.url.split('?')[0]!.replace('+tls', ''), topic),
      'UNREACHABLE',
      /closed the connection/,
    ],
    [
      'TLS where there is none',
      () => at(kafka.urls['no TLS']!.replace('kafka:', 'kafka+tls:'), topic, 'insecure=true'),
      'REMOTE_TLS',
      /no TLS/,
    ],
    ['a user who may not', () => at(kafka.urls['scram']!, topic), 'REMOTE_', /./],
  ])('tells %s, without the password', async (_, url, code, message) => {
    const began = Date.now();
    const failure = await checked(url());
    expect(failure).toBeInstanceOf(LogsError);
    if (failure === 'fine') return;
    expect(failure.code).toContain(code);
    expect(failure.message).toMatch(message);
    expect(failure.message).not.toMatch(/secret123|wrong@|\n/);
    expect(failure.hint).toBeDefined();
    expect(Date.now() - began).toBeLessThan(5000);
  });

  it('takes what is not verified where that is asked for', async () => {
    expect(await checked(at(kafka.url.split('?')[0]!, topic, 'insecure=true'))).toBe('fine');
  });
});
