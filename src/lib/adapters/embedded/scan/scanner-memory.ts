import type { ScannerExports } from './wasm.ts';

/** The memory of a scanner. It moves when it grows, so no view of it is kept. */
export class ScannerMemory {
  readonly #wasm: Pick<ScannerExports, 'memory' | 'reserve'>;
  #bytes = Buffer.alloc(0);

  constructor(wasm: Pick<ScannerExports, 'memory' | 'reserve'>) {
    this.#wasm = wasm;
  }

  /** All of it, as it is now. */
  get bytes(): Buffer<ArrayBuffer> {
    const { buffer } = this.#wasm.memory;
    if (this.#bytes.buffer !== buffer) this.#bytes = Buffer.from(buffer);
    return this.#bytes;
  }

  /** A view that the next call into the scanner may make useless. */
  view(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#wasm.memory.buffer, at, length);
  }

  words(at: number, length: number): Uint32Array {
    return new Uint32Array(this.#wasm.memory.buffer, at, length);
  }

  /** Puts a text there for as long as what is reserved now stays. Never at 0, which stands for no text. */
  text(text: string): { readonly at: number; readonly length: number } {
    const most = Buffer.byteLength(text);
    const at = this.#wasm.reserve(most + 16);
    this.bytes.write(text, at, 'utf8');
    return { at, length: most };
  }
}
