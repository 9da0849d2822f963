/** What `logs store` does with an embedded store; loaded only by it. */
export { dropStore } from './drop-store.ts';
export { storeStats, type StoreStats, type TenantStats } from './store-stats.ts';
export { type VerifyReport, verifyStore } from './verify-store.ts';
