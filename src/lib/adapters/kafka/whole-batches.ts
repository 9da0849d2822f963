import type { Kafka } from 'kafkajs';
import type Cluster from 'kafkajs/src/cluster/index.js';
import { decodeFetch } from './fetch-response.ts';

/** The number of a fetch in the protocol, and the version of its answers that is read here: brokers since 2.3 have it. */
const FETCH = { apiKey: 1, apiVersion: 11 };

/**
 * Has a client give record batches in the place of messages. kafkajs makes some twenty objects of each message, most of
 * the time of reading; what is fetched is read by `cutBatches` in one pass instead, inflated or not. What older brokers
 * answer it reads as ever.
 */
export function withWholeBatches(client: Kafka): Kafka {
  const symbol = clusterSymbol(client);
  const create = Reflect.get(client, symbol) as (options: object) => Cluster;
  Reflect.set(client, symbol, (options: object) => decoding(create(options)));
  return client;
}

/** A cluster as kafkajs makes one for each of its clients, with the connection that was set up for all of them. */
export function clusterOf(client: Kafka): Cluster {
  const create = Reflect.get(client, clusterSymbol(client)) as (options: object) => Cluster;
  return create({ metadataMaxAge: 300_000, allowAutoTopicCreation: false });
}

function clusterSymbol(client: Kafka): symbol {
  return Object.getOwnPropertySymbols(client).find(({ description }) =>
    description?.endsWith(':createCluster'),
  ) as symbol;
}

function decoding(cluster: Cluster): Cluster {
  const find = cluster.findBroker.bind(cluster);
  const known = new WeakSet<object>();
  cluster.findBroker = async (node) => {
    const broker = await find(node);
    const pool = broker.connectionPool;
    if (known.has(pool)) return broker;
    known.add(pool);
    const send = pool.send.bind(pool);
    pool.send = (exchange) => {
      const { request, response } = exchange;
      const isOurs = request.apiKey === FETCH.apiKey && request.apiVersion === FETCH.apiVersion;
      return send(isOurs ? { ...exchange, response: { ...response, decode: decodeFetch } } : exchange);
    };
    return broker;
  };
  return cluster;
}
