import { LogsError } from '../../errors.ts';
import type { FieldValue } from '../../record/record.ts';
import { LOGICAL_TYPES, LONG, plainValue } from './avro-values.ts';
import { SchemaRegistry, SchemaType } from './schema-registry-api.ts';

/** Before a value: a zero, then the id of its schema, 32 bits. https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format */
const HEADER = 5;

/** What is asked of a Schema Registry. */
export interface Registry {
  /** The id of a schema, which is registered under the subject where it is not yet. Throws as `RemoteSink.check`. */
  register(subject: string, schema: object): Promise<number>;
  /** What a value with an id before it says, by the schema of that id. Throws where it cannot be read. */
  read(value: Buffer): Promise<FieldValue>;
}

/** Opens the Schema Registry at an address; nothing is asked of it yet. */
export function openRegistry(address: string): Registry {
  const url = new URL(address);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const host = url.href.replace(/\/$/, '');
  const registry = new SchemaRegistry(
    {
      host,
      clientId: 'logs',
      retry: { retries: 2, initialRetryTimeInSecs: 0.1, maxRetryTimeInSecs: 1 },
      ...(username === ''
        ? {}
        : { auth: { username: decodeURIComponent(username), password: decodeURIComponent(password) } }),
    },
    { [SchemaType.AVRO]: { registry: { long: LONG }, logicalTypes: LOGICAL_TYPES as never } },
  );
  return {
    async register(subject, schema) {
      try {
        const text = JSON.stringify(schema);
        return (await registry.register({ type: SchemaType.AVRO, schema: text }, { subject })).id;
      } catch (error) {
        throw registryFailure(error, host);
      }
    },
    async read(value) {
      if (value.length < HEADER) throw new Error('it begins with a zero byte, but has no id of a schema');
      const id = value.readUInt32BE(1);
      const schema = await registry.getSchema(id).catch((error: unknown) => {
        throw new Error(`its schema ${id} is not known: ${textOf(error)}`);
      });
      return plainValue(schema.fromBuffer(value.subarray(HEADER)));
    },
  };
}

/** The value with the id of its schema before it. */
export function withSchemaId(id: number, value: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(HEADER + value.length);
  framed.writeUInt8(0, 0);
  framed.writeUInt32BE(id, 1);
  framed.set(value, HEADER);
  return framed;
}

function registryFailure(error: unknown, host: string): LogsError {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : undefined;
  const text = textOf(error);
  if (status === 401 || status === 403) {
    return new LogsError('REMOTE_DENIED', `${host}: the Schema Registry refuses us: ${text}`, {
      hint: 'put user and password into the address: registry=http://user:password@host:8081',
      cause: error,
    });
  }
  // Whoever does not answer has status 400 here too.
  if (
    status !== undefined &&
    status >= 400 &&
    status < 500 &&
    !/ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|socket/.test(text)
  ) {
    return new LogsError('REMOTE_UNSUITABLE', `${host}: the Schema Registry does not take our schema: ${text}`, {
      hint: 'check the address, and that nothing else is registered under the subject TOPIC-value',
      cause: error,
    });
  }
  return new LogsError('UNREACHABLE', `${host}: the Schema Registry does not answer: ${text}`, {
    hint: 'check the address in registry=',
    cause: error,
  });
}

function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ');
}
