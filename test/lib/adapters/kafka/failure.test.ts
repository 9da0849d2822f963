import { describe, expect, it } from 'vitest';
import { kafkaFailure } from '../../../../src/lib/adapters/kafka/failure.ts';
import { LogsError } from '../../../../src/lib/errors.ts';

const URL = 'kafka://one:9092/logs';

/** An error as kafkajs throws it. */
function of(name: string, members: object, message = 'x'): Error {
  return Object.assign(new Error(message), { name }, members);
}

describe('what Kafka says', () => {
  it.each([
    ['REMOTE_DENIED', of('KafkaJSSASLAuthenticationError', {})],
    ['REMOTE_DENIED', of('KafkaJSProtocolError', { type: 'TOPIC_AUTHORIZATION_FAILED' })],
    ['REMOTE_UNSUITABLE', of('KafkaJSProtocolError', { type: 'UNKNOWN_TOPIC_OR_PARTITION' })],
    ['REMOTE_BUSY', of('KafkaJSProtocolError', { type: 'NOT_COORDINATOR_FOR_GROUP' })],
    ['UNREACHABLE', of('KafkaJSConnectionError', { code: 'ECONNREFUSED' }, 'Connection error: connect ECONNREFUSED')],
    ['REMOTE_TLS', of('KafkaJSConnectionError', {}, 'Connection error: self-signed certificate')],
    ['UNREACHABLE', new TypeError("Cannot read properties of null (reading 'topicMetadata')")],
    ['REMOTE_FAILED', of('KafkaJSProtocolError', { type: 'UNKNOWN' }, 'The server experienced an unexpected error')],
  ])('is %s', (code, error) => {
    const failure = kafkaFailure(error, URL, 'ask for logs');
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(`${URL}: cannot ask for logs: `);
    expect(failure.message).not.toMatch(/\n|Cannot read properties/);
    expect(failure.hint).toBeTruthy();
  });

  it('stays what it is where it is known already', () => {
    const known = new LogsError('CONFIG', 'no');
    expect(kafkaFailure(known, URL, 'ask')).toBe(known);
  });
});
