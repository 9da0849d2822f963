import { isDeepStrictEqual } from 'node:util';
import type { Level } from '../record/level.ts';

/**
 * What `logs ship` does, whether it was told by flags, by a file or by both: plain data, every setting filled in and
 * checked. Durations are milliseconds, sizes bytes. Addresses are as written, with `${env:…}` and `${file:…}` in them:
 * whoever opens one resolves it, so that no secret is ever part of a pipeline.
 */
export interface Pipeline {
  /** `-`, files, folders, patterns, `kafka://…`; empty: standard input. */
  readonly from: readonly string[];
  /** Patterns of files that are left out of `from`. */
  readonly exclude: readonly string[];
  readonly read: PipelineRead;
  /** The text of a filter: events that match go nowhere. */
  readonly drop: string | undefined;
  readonly sample: PipelineSample;
  /** Asked in order; an event goes to the first that matches, and on from it where that says `continue`. */
  readonly routes: readonly PipelineRoute[];
  /** Where events go that no route has taken. */
  readonly to: PipelineTarget;
  readonly batch: PipelineBatch;
  readonly retry: PipelineRetry;
  readonly breaker: PipelineBreaker;
  /** Requests under way at once to one address, at the most; fewer where it is slow or says that it is busy. */
  readonly concurrency: number;
  /** Before each address on another machine; undefined: what is not delivered yet is only in memory and at its source. */
  readonly queue: PipelineQueue | undefined;
  /** Folder of the events that nobody takes; undefined: the user's own. */
  readonly deadLetters: string | undefined;
}

export interface PipelineRead {
  readonly service: string | undefined;
  readonly fields: { readonly [name: string]: string };
  readonly format: string | undefined;
  /** `auto`, `none`, or a regular expression that the first line of each event matches. */
  readonly multiline: string;
  readonly encoding: string | undefined;
}

/** The share of events of a level that is kept, from 0 to 1; 1 where it is not named. */
export type Shares = { readonly [level in Level]?: number };

export interface PipelineSample {
  readonly keep: Shares;
  readonly whenLagAbove: WhenLagAbove | undefined;
}

/** What is kept instead, where it is less, while consumers are behind. */
export interface WhenLagAbove {
  /** Events that the group is behind, over all partitions. */
  readonly events: number;
  /** The consumer group asked; undefined: the one that reads the source. */
  readonly group: string | undefined;
  readonly keep: Shares;
}

export interface PipelineRoute {
  /** The text of a filter. */
  readonly match: string;
  readonly to: PipelineTarget;
  /** Later routes, and `to` of the pipeline, get the event as well. */
  readonly continue: boolean;
}

/** One address or several that stand for each other. */
export interface PipelineTarget {
  /** At least one. */
  readonly urls: readonly string[];
  /** `failover`: the first that can be reached. `replicate`: all, and an event is safe when `copies` of them have it. */
  readonly mode: 'failover' | 'replicate';
  /** From 1 to the number of addresses; 1 for failover. */
  readonly copies: number;
}

/** A batch is sent when it has as much as one of these says; no more of any than the address takes. */
export interface PipelineBatch {
  readonly events: number;
  readonly bytes: number;
  readonly after: number;
}

/** Waits are drawn between 0 and a bound that doubles from `first` to `most`. */
export interface PipelineRetry {
  /** Sendings of one batch; undefined: until it is delivered. */
  readonly attempts: number | undefined;
  readonly first: number;
  readonly most: number;
}

/** After so many failures in a row an address is left alone for a pause. */
export interface PipelineBreaker {
  readonly failures: number;
  readonly pause: number;
}

export const WHEN_FULL = ['block', 'drop-newest', 'drop-oldest', 'sample'] as const;

export interface PipelineQueue {
  /** Of the queues, a folder in it for each address; undefined: the user's own. */
  readonly dir: string | undefined;
  readonly bytes: number;
  /** Older events are given up, to the dead letters; undefined: none is too old. */
  readonly age: number | undefined;
  readonly whenFull: (typeof WHEN_FULL)[number];
}

/** Every setting where nothing is said of it. */
export const PIPELINE_DEFAULTS: Pipeline = {
  from: [],
  exclude: [],
  read: { service: undefined, fields: {}, format: undefined, multiline: 'auto', encoding: undefined },
  drop: undefined,
  sample: { keep: {}, whenLagAbove: undefined },
  routes: [],
  to: { urls: ['store'], mode: 'failover', copies: 1 },
  batch: { events: 5000, bytes: 4 * 1024 * 1024, after: 1000 },
  retry: { attempts: undefined, first: 100, most: 30_000 },
  breaker: { failures: 5, pause: 10_000 },
  concurrency: 16,
  queue: { dir: undefined, bytes: 1024 * 1024 * 1024, age: undefined, whenFull: 'block' },
  deadLetters: undefined,
};

/** Sampling while consumers are behind, where a file or a flag says only by how much. */
export const LAG_DEFAULTS: WhenLagAbove = { events: 50_000, group: undefined, keep: { DEBUG: 0.1, INFO: 0.5 } };

/**
 * A pipeline that reads nothing but topics: these keep what is not acknowledged, so that without a word about a queue
 * there is none, and their positions move only past what the targets have.
 */
export function fromTopicsAlone(pipeline: Pipeline): Pipeline {
  return isDeepStrictEqual(pipeline.queue, PIPELINE_DEFAULTS.queue) ? { ...pipeline, queue: undefined } : pipeline;
}
