/** An IPv4 or IPv6 network: the address as a number, its bits, and how many of them count. */
export interface Network {
  readonly bits: 32 | 128;
  readonly prefix: number;
  /** The leading `prefix` bits. */
  readonly head: bigint;
}

/** `10.0.0.0/8`, `2001:db8::/32`; undefined for other text. Bits after the prefix are ignored. */
export function parseCidr(text: string): Network | undefined {
  const found = /^([0-9A-Fa-f:.]+)\/(\d{1,3})$/.exec(text);
  if (found === null) return undefined;
  const [, addressText = '', prefixText = ''] = found;
  const address = parseAddress(addressText);
  const prefix = Number(prefixText);
  if (address === undefined || prefix > address.bits) return undefined;
  return { bits: address.bits, prefix, head: address.value >> BigInt(address.bits - prefix) };
}

export function isCidr(text: string): boolean {
  return parseCidr(text) !== undefined;
}

/** Whether `text` is an address inside the network. IPv4-mapped IPv6 (`::ffff:10.0.0.1`) is the IPv4 address (RFC 4291 2.5.5.2). */
export function inNetwork(network: Network, text: string): boolean {
  const address = parseAddress(text);
  if (address === undefined) return false;
  const mapped = address.bits === 128 && network.bits === 32 && address.value >> 32n === 0xffffn;
  const value = mapped ? address.value & 0xffffffffn : address.value;
  if (!mapped && address.bits !== network.bits) return false;
  return value >> BigInt(network.bits - network.prefix) === network.head;
}

function parseAddress(text: string): { bits: 32 | 128; value: bigint } | undefined {
  const v4 = parseV4(text);
  if (v4 !== undefined) return { bits: 32, value: v4 };
  const v6 = parseV6(text);
  return v6 === undefined ? undefined : { bits: 128, value: v6 };
}

function parseV4(text: string): bigint | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseV6(text: string): bigint | undefined {
  if (text.length > 45 || !text.includes(':')) return undefined;
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  let groupsText = text;
  if (tail !== null) {
    const v4 = parseV4(tail[2] ?? '');
    if (v4 === undefined) return undefined;
    groupsText = `${tail[1] ?? ''}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`;
  }
  const halves = groupsText.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], rest = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - rest.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...rest];
  if (!groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return undefined;
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}
