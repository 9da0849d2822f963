/*
 * The names of the client of Elasticsearch that are used at run time. A file of its own so that `await import` of it
 * finds them in the bundle as well: imported itself, a CommonJS package shows nothing but `default` there.
 */
export { Client, errors, Serializer, Transport } from '@elastic/elasticsearch';
