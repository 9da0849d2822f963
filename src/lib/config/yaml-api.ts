/* The names of yaml that are used, in a file of its own: in the bundle it is a script that only pipelines load. */
export {
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  stringify,
  visit,
} from 'yaml';
