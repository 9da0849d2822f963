/*
 * What the scanner asks the host.
 */

/** The level that `findLevel` finds in a decoded message: its number, 0 where it finds no word, -2 where that means none. */
export declare function findLevel(at: usize, length: usize): i32;

/**
 * Has the host parse an event by its number; true where it becomes a row, with all of it in the area that `slowRow`
 * lies in.
 */
export declare function parseSlowly(event: u32): bool;

/** Tells that so many events, from one on, are of another day than wanted: days since 1970. */
export declare function otherDay(event: u32, events: u32, day: i32): void;

/** Ends the scan: there is no more memory. */
export declare function outOfMemory(): void;
