import { elasticsearch, elasticsearch8 } from './elasticsearch.mjs';
import { kafka } from './kafka.mjs';
import { kafkaSecure } from './kafka-secure.mjs';
import { kafkaThree } from './kafka-three.mjs';
import { opensearch, opensearch2 } from './opensearch.mjs';
import { registry } from './registry.mjs';

/**
 * Each kind of server by the name that is typed.
 * - `java`: the oldest version of Java it runs on
 * - `ports`: its usual ones, by what for
 * - `install()`: the folder of the program
 * - `prepare({home, java, folder, ports})`: writes settings into its folder; keeps the data there is
 * - `nodes(…)`: its processes as {port, command, args, cwd, env}
 * - `isReady(port)`: whether the node there serves
 * - `describe(ports, folder)`: {url, urls?, files?}: where it is as our commands take it, and what else there is to it
 */
export const kinds = {
  kafka,
  'kafka-3': kafkaThree,
  'kafka-secure': kafkaSecure,
  opensearch,
  opensearch2,
  elasticsearch,
  elasticsearch8,
  registry,
};
