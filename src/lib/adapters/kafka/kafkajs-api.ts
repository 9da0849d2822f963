/*
 * The names of kafkajs that are used at run time. A file of its own so that they are found in the bundle and without it:
 * the package builds its exports in a way that Node cannot look into.
 */
import kafkajs from 'kafkajs';
import Batch from 'kafkajs/src/consumer/batch.js';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import decodeMessages from 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js';

export { Batch, decodeMessages, Decoder };

export const { CompressionCodecs, CompressionTypes, ConfigResourceTypes, Kafka, logLevel } = kafkajs;
