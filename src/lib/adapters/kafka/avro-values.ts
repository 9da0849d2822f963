import { type FieldValue, type Fields, RawNumber } from '../../record/record.ts';
import { formatTime } from '../../record/time.ts';
import { types } from './schema-registry-api.ts';

/** 64 bits as a bigint: a number would lose the digits of an id. */
export const LONG = types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer(value: bigint) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1),
});

/** A logical type that is read as what `read` makes of its plain value. https://avro.apache.org/docs/1.12.0/specification/#logical-types */
function readAs(read: (value: never, attributes: { readonly scale?: number }) => FieldValue) {
  return class extends types.LogicalType {
    private readonly attributes: { readonly scale?: number };

    constructor(schema: object, options?: unknown) {
      super(schema as never, options);
      this.attributes = schema;
    }

    protected override _fromValue(value: never): FieldValue {
      return read(value, this.attributes);
    }

    protected override _toValue(): never {
      throw new Error('it is only read');
    }

    protected override _resolve(): undefined {
      return undefined;
    }
  };
}

/** Under a logical type avsc reads 64 bits as a number. */
type Long = number | bigint;

const timeOfDay = (nanos: bigint): string => formatTime(nanos).slice(11, -1);

/** Times as RFC 3339, decimals as numbers with all their digits. */
export const LOGICAL_TYPES = {
  'timestamp-millis': readAs((value: Long) => formatTime(BigInt(value) * 1_000_000n)),
  'timestamp-micros': readAs((value: Long) => formatTime(BigInt(value) * 1000n)),
  'local-timestamp-millis': readAs((value: Long) => formatTime(BigInt(value) * 1_000_000n).slice(0, -1)),
  'local-timestamp-micros': readAs((value: Long) => formatTime(BigInt(value) * 1000n).slice(0, -1)),
  date: readAs((value: number) => formatTime(BigInt(value) * 86_400_000_000_000n).slice(0, 10)),
  'time-millis': readAs((value: number) => timeOfDay(BigInt(value) * 1_000_000n)),
  'time-micros': readAs((value: Long) => timeOfDay(BigInt(value) * 1000n)),
  decimal: readAs((value: Buffer, { scale = 0 }) => decimalOf(value, scale)),
};

/** Two's complement, the highest byte first. */
function decimalOf(bytes: Buffer, scale: number): RawNumber {
  const unscaled = bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return new RawNumber(unscaled < 0n ? `-${text}` : text);
}

/** A value that was read, as JSON has it: bytes as base64, unions as the value they hold, what is no number as text. */
export function plainValue(value: unknown): FieldValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return new RawNumber(value.toString());
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string' || typeof value === 'boolean' || value instanceof RawNumber) return value;
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (Array.isArray(value)) return value.map(plainValue);
  const members = value as { readonly unwrap?: unknown };
  if (typeof members.unwrap === 'function') return plainValue((members.unwrap as () => unknown).call(value));
  const fields: Fields = {};
  for (const name of Object.keys(value)) {
    const member = plainValue((value as { readonly [name: string]: unknown })[name]);
    Object.defineProperty(fields, name, { value: member, enumerable: true, configurable: true, writable: true });
  }
  return fields;
}
