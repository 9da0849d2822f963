// What Elasticsearch and OpenSearch share: settings files beside the program, one node, its health.
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { statusOf } from './ports.mjs';

const HEAP = '512m';

/** Copies the settings of the program into the run folder, and writes ours; `config`, `data`, `logs`, `repo`, `tmp`. */
export function prepareNode({ home, folder, file, ports, more = {} }) {
  for (const name of ['config', 'data', 'logs', 'repo', 'tmp']) mkdirSync(join(folder, name), { recursive: true });
  const config = join(folder, 'config');
  if (!existsSync(join(config, 'jvm.options'))) cpSync(join(home, 'config'), config, { recursive: true });
  const settings = {
    'cluster.name': 'local',
    'node.name': 'one',
    'path.data': join(folder, 'data'),
    'path.logs': join(folder, 'logs'),
    'path.repo': join(folder, 'repo'),
    'http.host': '127.0.0.1',
    'transport.host': '127.0.0.1',
    'http.port': ports.http,
    'transport.port': ports.transport,
    'discovery.type': 'single-node',
    // A disk that is nine tenths full must not make indices read-only.
    'cluster.routing.allocation.disk.threshold_enabled': false,
    ...more,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`);
  writeFileSync(join(config, file), lines.join(''));
  // Its paths are relative to the program, where the user who runs it may not write.
  const jvm = readFileSync(join(home, 'config', 'jvm.options'), 'utf8').replaceAll('logs/', `${join(folder, 'logs')}/`);
  writeFileSync(join(config, 'jvm.options'), jvm);
  mkdirSync(join(config, 'jvm.options.d'), { recursive: true });
  // The collector of the program has to be switched off by name before another may be chosen.
  const options = [`-Xms${HEAP}`, `-Xmx${HEAP}`, '-XX:-UseG1GC', '-XX:+UseSerialGC'];
  writeFileSync(join(config, 'jvm.options.d', 'local.options'), `${options.join('\n')}\n`);
}

/** Answers for its cluster: 200, or 408 for a cluster in which an index is still red. */
export async function nodeIsReady(port, headers) {
  const health = `http://127.0.0.1:${port}/_cluster/health?wait_for_status=yellow&timeout=10s`;
  const status = await statusOf(health, headers);
  return status === 200 || status === 408;
}
