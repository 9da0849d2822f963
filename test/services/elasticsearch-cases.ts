/** What was once answered otherwise than by the predicate. */
export interface Case {
  readonly name: string;
  /** Bodies of the indices, one after the other, where they are not ours. */
  readonly foreign?: object;
  /** As they are sent, in order; without a time they are of one day. Texts are JSON as it stands. */
  readonly events: readonly (string | { readonly [name: string]: unknown })[];
  readonly queries: readonly string[];
}

const LONG = 'y'.repeat(9000);

export const CASES: readonly Case[] = [
  {
    name: 'roles under several names in documents of others',
    foreign: {},
    events: [{ service: { name: 'web' }, app: 'x' }, { app: 'x' }, { host: { name: 'h1' }, hostname: 'h2' }, { message: 'm', msg: 'other' }],
    queries: ['service:x', 'service!=x', 'host:h2', 'message:other', 'message!=other', 'other', 'service:x*'],
  },
  {
    name: 'objects of which the index has nothing',
    events: [
      { o: { p: LONG } }, { o: { p: 'short' } }, `{"o":{"q":1${'0'.repeat(1200)}}}`, { error: { x: { y: LONG } } }, { error: 'plain' },
      { _p: { q: LONG } }, { _p: { q: 'short' } }, { _r: LONG }, { pod: { x: LONG } }, { pod: LONG }, { pod_id: { x: LONG } }, { exception: { type: LONG } },
    ],
    queries: ['o:*', 'o.p:*', 'o:[* TO *]', 'error:*', 'error.x:*', '_p:*', '_p:[* TO *]', '_r:yy*', 'pod:*', 'pod_id:*', 'pod_id:yy*', 'exception:*'],
  },
]; // biome-ignore format: tables
