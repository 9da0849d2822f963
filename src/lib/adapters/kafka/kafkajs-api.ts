/*
 * The names of kafkajs that are used at run time. A file of its own so that they are found in the bundle and without it:
 * the package builds its exports in a way that Node cannot look into.
 */
import kafkajs from 'kafkajs';
import Batch from 'kafkajs/src/consumer/batch.js';

export { Batch };

export const { CompressionCodecs, CompressionTypes, ConfigResourceTypes, Kafka, logLevel } = kafkajs;
