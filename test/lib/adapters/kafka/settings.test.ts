import { describe, expect, it } from 'vitest';
import { kafkaSettings } from '../../../../src/lib/adapters/kafka/settings.ts';

describe('addresses of Kafka', () => {
  it('have defaults for all that is left open', () => {
    expect(kafkaSettings('kafka://one')).toMatchObject({
      brokers: ['one:9092'],
      topics: [],
      group: 'logs',
      acks: 'all',
      compression: 'lz4',
      format: 'bytes',
      key: 'service',
      create: false,
      shape: {},
      tls: undefined,
      sasl: undefined,
    });
  });

  it('say everything', () => {
    const text =
      'kafka+tls://ann:p%40ss@one:1,[::1]:2/a,logs-*?sasl=scram-sha-512&insecure=true&acks=1&compression=zstd&create=true&partitions=100&replication=3&retention=24h&key=pod&group=g&client-id=c';
    const settings = kafkaSettings(text);
    expect(settings).toMatchObject({
      brokers: ['one:1', '[::1]:2'],
      topics: ['a', 'logs-*'],
      sasl: { mechanism: 'scram-sha-512', username: 'ann', password: 'p@ss' },
      tls: { rejectUnauthorized: false },
      acks: '1',
      compression: 'zstd',
      create: true,
      shape: { partitions: 100, replication: 3, retentionMs: 86_400_000 },
      key: 'pod',
      group: 'g',
      clientId: 'c',
    });
    expect(settings.name).not.toContain('p%40ss');
  });

  it.each([
    ['kafka://h/t?compresion=zstd', /unknown setting "compresion"/, /did you mean compression/],
    ['kafka://h/t?compression=zst', /compression=zst .* is not right/, /did you mean zstd/],
    ['kafka://h/t?partitions=0', /a number from 1/, undefined],
    ['kafka://h/t?format=avro', /no registry/, /registry=http/],
    ['kafka://h/t?sasl=plain', /no user/, /user:password/],
    ['kafka://ann@h/t', /no password/, /env:KAFKA_PASSWORD/],
    ['kafka://h/t?ca=/nowhere', /is for TLS/, /kafka\+tls/],
    ['kafka://h/a/b', /more than one path/, /commas/],
    ['kafka://h/a%20b', /no name of a topic/, /letters/],
    ['kafka+tls://h/t?cert=/x', /cannot read \/x/, undefined],
  ])('are refused with what to write instead: %s', (text, message, hint) => {
    const failure = (() => {
      try {
        kafkaSettings(text);
        return undefined;
      } catch (error) {
        return error as { message: string; hint?: string };
      }
    })();
    expect(failure?.message).toMatch(message);
    if (hint !== undefined) expect(failure?.hint).toMatch(hint);
  });
});
