/* The names of lz4-napi that are used: see kafkajs-api.ts for why they have a file of their own. */
export { compressFrame, decompressFrame } from 'lz4-napi';
