/* The names of the packages for Avro that are used: see kafkajs-api.ts for why they have a file of their own. */
import registry from '@kafkajs/confluent-schema-registry';
import avsc from 'avsc';

export const { SchemaRegistry, SchemaType } = registry;
export const { Type, types } = avsc;
