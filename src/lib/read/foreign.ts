import { LogsError } from '../errors.ts';

/** What is no text and has to be unpacked first, by how it begins. */
const FOREIGN: readonly { readonly begins: Buffer; readonly what: string; readonly unpack: string }[] = [
  { begins: Buffer.of(0xfd, 0x37, 0x7a, 0x58), what: 'compressed with xz', unpack: 'xz -dc' },
  { begins: Buffer.of(0x28, 0xb5, 0x2f, 0xfd), what: 'compressed with zstd', unpack: 'zstd -dc' },
  { begins: Buffer.of(0x04, 0x22, 0x4d, 0x18), what: 'compressed with lz4', unpack: 'lz4 -dc' },
  { begins: Buffer.from('BZh91AY&SY'), what: 'compressed with bzip2', unpack: 'bzip2 -dc' },
  { begins: Buffer.from('PK\x03\x04'), what: 'a zip archive', unpack: 'unzip -p' },
  { begins: Buffer.from('LPKSHHRH'), what: 'a journal of systemd', unpack: 'journalctl -o json --file' },
];

/**
 * Refuses what begins like something that only looks like text once it is unpacked: its bytes in a store would help
 * nobody. Throws NOT_READABLE with the command that unpacks it.
 */
export function refuseForeign(head: Uint8Array, name: string): void {
  const found = FOREIGN.find(({ begins }) => begins.equals(head.subarray(0, begins.length)));
  if (found === undefined) return;
  const { what, unpack } = found;
  const called = name === '-' ? 'standard input' : name;
  throw new LogsError('NOT_READABLE', `cannot read ${called}: it is ${what}`, {
    hint: `unpack it on the way: ${unpack} ${name === '-' ? 'FILE' : name} | logs ship`,
  });
}
