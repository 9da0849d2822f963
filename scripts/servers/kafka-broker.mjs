// What the kinds of Kafka share: the program, its settings, how a broker starts.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jars } from './maven.mjs';

const KAFKA_VERSION = '4.4.0';
export const KAFKA_JAVA = 17;

const CLUSTER = 'AAAAAAAAAAAAAAAAAAAAAQ';

export function kafkaHome() {
  return jars(`kafka-${KAFKA_VERSION}`, [
    // The broker runs without its tools-api, which 4.4.0 names and Maven Central does not have.
    { id: `org.apache.kafka:kafka_2.13:${KAFKA_VERSION}`, without: 'org.apache.kafka:kafka-tools-api' },
    { id: 'org.slf4j:slf4j-simple:1.7.36' },
  ]);
}

/** Settings of a broker that is its own controller. Few partitions of the inner topics: fifty make a first group slow. */
export function brokerSettings({ id, folder, listeners, voters, copies }) {
  return {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': voters,
    listeners,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(folder, `data-${id}`),
    'num.partitions': 1,
    'default.replication.factor': copies,
    'offsets.topic.replication.factor': copies,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.num.partitions': 4,
    'transaction.state.log.min.isr': Math.min(copies, 2),
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': Math.min(copies, 2),
    'min.insync.replicas': Math.min(copies, 2),
    'group.initial.rebalance.delay.ms': 0,
    'auto.create.topics.enable': false,
  };
}

/** Writes the settings and, the first time, formats the data folder. */
export function prepareBroker({ home, java, folder, settings, format = [] }) {
  const file = settingsFile(folder, settings['node.id']);
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(file, lines.join(''));
  if (existsSync(join(settings['log.dirs'], 'meta.properties'))) return;
  mkdirSync(settings['log.dirs'], { recursive: true });
  const tool = ['kafka.tools.StorageTool', 'format', '-t', CLUSTER, '-c', file, ...format];
  const done = spawnSync(join(java, 'bin', 'java'), ['-Xmx128m', '-cp', join(home, 'lib', '*'), ...tool], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`the data folder of Kafka could not be made: ${done.stdout}${done.stderr}`);
}

export function brokerProcess({ home, java, folder, id, heap }) {
  return {
    command: join(java, 'bin', 'java'),
    args: [
      ...[`-Xms${heap}m`, `-Xmx${heap}m`, '-XX:+UseSerialGC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'],
      ...['-cp', join(home, 'lib', '*'), 'kafka.Kafka', settingsFile(folder, id)],
    ],
    cwd: folder,
  };
}

function settingsFile(folder, id) {
  return join(folder, `broker-${id}.properties`);
}
