import type { ByteStream } from './source.ts';
import { asBuffer } from './nul-runs.ts';

/** How the bytes of a source are to be read; what is kept is UTF-8. */
export const ENCODINGS = ['utf8', 'utf16le', 'utf16be', 'latin1'] as const;

export type Encoding = (typeof ENCODINGS)[number];

/** The encoding that a byte order mark at the start of a source says, and the mark's length. */
export function encodingOf(head: Uint8Array): { encoding: 'utf8' | 'utf16le' | 'utf16be'; mark: number } {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf8', mark: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf16le', mark: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf16be', mark: 2 };
  return { encoding: 'utf8', mark: 0 };
}

/**
 * The same text as UTF-8, whatever pieces it comes in. A byte order mark of UTF-16 is left out; a half of a pair
 * without its other half, or a last odd byte, becomes U+FFFD. UTF-8 passes as it is, valid or not, mark and all.
 */
export function decode(stream: ByteStream, encoding: Encoding): ByteStream {
  switch (encoding) {
    case 'utf8':
      return stream;
    case 'latin1':
      return fromLatin1(stream);
    default:
      return fromUtf16(stream, encoding === 'utf16le' ? 'utf-16le' : 'utf-16be');
  }
}

async function* fromLatin1(stream: ByteStream): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield Buffer.from(asBuffer(chunk).toString('latin1'), 'utf8');
}

async function* fromUtf16(stream: ByteStream, label: 'utf-16le' | 'utf-16be'): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(label);
  for await (const chunk of stream) {
    const text = decoder.decode(chunk, { stream: true });
    if (text !== '') yield Buffer.from(text, 'utf8');
  }
  const rest = decoder.decode();
  if (rest !== '') yield Buffer.from(rest, 'utf8');
}
