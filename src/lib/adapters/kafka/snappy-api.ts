/* The names of snappy that are used: see kafkajs-api.ts for why they have a file of their own. */
export { compress, uncompress } from 'snappy';
