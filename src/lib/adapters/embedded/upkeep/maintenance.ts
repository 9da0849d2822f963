/** What `logs store` does with an embedded store; loaded only by it. */
export { dropStore } from './drop-store.ts';
export { storeStats } from './store-stats.ts';
export { verifyStore } from './verify-store.ts';
