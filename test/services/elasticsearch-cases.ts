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
  {
    name: 'statistics of a plain value that is an object on another day',
    events: [{ k: 5 }, { k: 'x' }, { '@timestamp': '2023-11-15T10:00:00Z', message: 'm', k: { x: 1 } }],
    queries: ['* | stats count() by k', '* | stats sum(k)', '* | stats distinct(k)', 'k:*', 'k:5', 'k.x:1'],
  },
  {
    name: 'statistics of several values, several names and several types',
    events: [
      '{"k":[1,2]}', '{"k":[1,1.0]}', '{"k":[100,1e2]}', '{"k":["a","b"]}', { pod: '500' }, { pod: 500 }, { pod_id: ['true', 'z'] }, { pod: LONG },
      '{"a.b":"500","a":{"b":7}}', '{"c.d":"500","c":{"d":500}}', '{"e.f":[7],"e":{"f":"500"}}', { error: '500' }, { error: 500 },
    ],
    queries: [
      '* | stats count() by k', '* | stats count() by k, message', '* | stats sum(k), distinct(k)', '* | stats count() by pod', '* | stats count() by pod_id',
      '* | stats distinct(pod_id)', '* | stats sum(pod_id) by pod', '* | stats count() by pod, pod_id', '* | stats count() by a.b', '* | stats count() by c.d',
      '* | stats count() by e.f', '* | stats distinct(e.f), sum(a.b)', '* | stats count() by error', '* | stats count() by _inexact',
    ],
  },
  {
    name: 'names, blanks, bounds, letters and sets that servers read otherwise',
    events: [
      { 'a*': 1 }, { ab: 1 }, { size: '512\u00a0' }, { size: '\u00a0600' }, { zz: 5 }, { zz: '\u00a0600' }, { zz: '600\u3000' }, '{"d":1e300}', { d: 5 }, '{"d":-1e300}',
      { message: '5\u212abx' }, { message: '\u0130stanbul' }, { message: '\u0130zm' }, { message: 'xix' }, { w: '\u017f' }, { w: '\u212a' }, { w: 'a]b' }, { w: 'b' },
    ],
    queries: [
      'a\\*:*', 'ab:*', 'size>100B', 'size=512B', 'size<1GB', 'zz>100B', 'zz=600B', 'd<1e400s', 'd>1e400s', 'd<=1e300s', 'd<1e300s', 'd>=-1e400s', 'd>-1e400s',
      'd!=1e300s', 'd:[1e300s TO 1e400s]', 'd:[-1e400s TO 1s]', '*kb*', '*kb', '*ist*', '*i*', 'i*', '*izm', 'message:*k*', 'w:/^\\w$/i', 'w:/[^]a]/', 'w:/[^]]/',
    ],
  },
  {
    name: 'words of underscores, and blanks beside numbers, in documents of others',
    foreign: {},
    events: [{ message: 'a ___ b' }, { message: 'foo _ bar' }, { message: '__' }, { message: 'a__b' }, { k: ' 600' }, { k: '600\u00a0' }, { k: 'six' }],
    queries: ['"a ___ b"', '___', '*__*', '/__/', '"foo _ bar"', 'message:"__"', 'message:/a.___/', 'k=600B', 'k>100B'],
  },
  {
    name: 'an object with what is not indexed, and a field where another index has the numbers of one',
    events: [
      { event: { original: 'x' } }, { event: { original: 'x', kind: 'y' } }, { k: 5 }, { k: 'x' },
      { '@timestamp': '2023-11-15T10:00:00Z', message: 'm', k: { num: 'x' } }, { '@timestamp': '2023-11-15T10:00:01Z', message: 'm', k: { num: 7 } },
    ],
    queries: [
      'event:*', 'event.original:x', 'event.kind:*', 'k.num:*', 'k.num:x', 'k.num:5', 'k.num>4', 'k.num:x*', 'k:*', '* | stats count() by k.num',
      '* | stats sum(k.num)', '* | stats distinct(k.num)',
    ],
  },
  {
    name: 'nested objects, closed objects and doubles of others',
    foreign: {
      mappings: {
        properties: {
          n: { type: 'nested', properties: { b: { type: 'keyword' }, c: { type: 'double' } } },
          d: { type: 'double' },
          h: { properties: { e: { type: 'object', enabled: false }, n: { type: 'keyword', index: false, doc_values: false } } },
          o: { dynamic: false, properties: { p: { properties: { q: { type: 'keyword' } } } } },
        },
      },
    },
    events: [
      { n: [{ b: 'x', c: 5 }, { b: 'y', c: 6 }] }, { n: { b: 'z' } }, { h: { e: { z: 1 } } }, { h: { n: 'text' } }, { o: { p: { r: 'x' } } }, { o: { p: { q: 'x' } } },
      '{"d":5.00000000000000001}', '{"d":4.99999999999999999999}', '{"d":"5.00000000000000001"}', '{"d":1000000000000000000000001}',
    ],
    queries: [
      'n.b:x', 'n.b:*', 'n.c:5', 'n.c>5', 'n:*', '* | stats count() by n.b', 'h:*', 'h.e:*', 'h.n:*', 'o:*', 'o.p:*', 'o.p.r:x', 'o.p.q:x',
      'd>5', 'd<5', 'd:5', 'd>=5', 'd>1e24', 'd<=1e24', 'd!=5', 'd:[5 TO 6]',
    ],
  },
]; // biome-ignore format: tables
