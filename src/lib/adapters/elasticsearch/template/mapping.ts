import { BESIDE, INEXACT, MAX_KEYWORD, REST } from '../document/names.ts';
import { WORDS } from './words.ts';

/** Of the template and of what `documentOf` writes: a newer one is not written over. */
export const TEMPLATE_VERSION = 1;

/** Whether text is indexed by our own words, or by those of `standard` where the server has no module for it. */
export type Words = 'ours' | 'plain';

/** What stands in `_meta` of our mappings, under `logs`. */
export interface MappingMark {
  readonly version: number;
  readonly words: Words;
}

const KEYWORD = { type: 'keyword', ignore_above: MAX_KEYWORD };
/** Numbers are found as they were written, and compared as doubles. */
const NUMBER = { ...KEYWORD, fields: { num: { type: 'double', ignore_malformed: true, coerce: true } } };
const TIME = { type: 'date_nanos', format: 'strict_date_optional_time_nanos||epoch_millis' };

/** The mapping of our documents (docs/elasticsearch.md). */
export function mappingOf(words: Words): object {
  const text = { type: 'text', norms: false, ...(words === 'ours' ? { analyzer: WORDS } : {}) };
  const mark: MappingMark = { version: TEMPLATE_VERSION, words };
  return {
    _meta: { logs: mark },
    date_detection: false,
    // A field whose first value is the string "500" gets its numbers too.
    numeric_detection: true,
    dynamic_templates: [
      ...textTemplates(text),
      { strings: { match_mapping_type: 'string', mapping: KEYWORD } },
      { integers: { match_mapping_type: 'long', mapping: NUMBER } },
      { decimals: { match_mapping_type: 'double', mapping: NUMBER } },
      { booleans: { match_mapping_type: 'boolean', mapping: KEYWORD } },
    ],
    properties: {
      '@timestamp': TIME,
      received_at: TIME,
      ...Object.fromEntries(KEYWORDS.map((name) => [name, KEYWORD])),
      message: text,
      stack: text,
      error: { properties: { message: text, stack_trace: text } },
      exception: { type: 'object' },
      event: { properties: { original: { type: 'keyword', index: false, doc_values: false } } },
      [BESIDE]: { type: 'object' },
      [INEXACT]: { type: 'keyword' },
      [REST]: { type: 'object', enabled: false },
    },
  };
}

const KEYWORDS = [
  'level', 'service', 'host', 'trace_id', 'span_id', 'tenant', 'log_id', 'pod', 'pod_id', 'user_id', 'request_id',
] as const; // biome-ignore format: a list

/** Text whose names are not known before: whatever is under `exception`, and text fields that had to go to `_fields`. */
function textTemplates(text: object): object[] {
  const templates: object[] = [];
  for (const path of ['exception.*', `${BESIDE}.exception`, `${BESIDE}.exception.*`]) {
    for (const type of ['string', 'long', 'double', 'boolean']) {
      templates.push({ [`${path} ${type}`]: { path_match: path, match_mapping_type: type, mapping: text } });
    }
  }
  for (const path of ['stack', 'error.message', 'error.stack_trace'].map((name) => `${BESIDE}.${name}`)) {
    templates.push({ [path]: { path_match: path, match_mapping_type: 'string', mapping: text } });
  }
  return templates;
}
