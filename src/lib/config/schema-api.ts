/* The names of typebox that are used, in a file of its own: in the bundle it is a script that only pipelines load. */
export { type TSchema, Type } from 'typebox';
export { Errors } from 'typebox/schema';
export { Settings } from 'typebox/system';
