declare module 'kafkajs/src/protocol/recordBatch/record/v0/decoder.js' {
  import type Decoder from 'kafkajs/src/protocol/decoder.js';

  interface Decoded {
    readonly offset: string;
    readonly timestamp: string;
    readonly key: Buffer | null;
    readonly value: Buffer;
    readonly headers: { readonly [name: string]: Buffer };
  }

  export default function decodeRecord(
    decoder: Decoder,
    context: { readonly firstOffset: string; readonly firstTimestamp: string; readonly magicByte: number },
  ): Decoded;
}

declare module 'kafkajs/src/protocol/requests/fetch/v11/response.js' {
  const response: { decode(this: void, raw: Buffer): Promise<object> };
  export default response;
}
