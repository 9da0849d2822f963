import { join } from 'node:path';
import { unpacked } from './maven.mjs';
import { nodeIsReady, prepareNode } from './search-node.mjs';

const VERSION = '3.8.0';

/** One node of the smallest distribution, which has all but the plugins (ISM, security). */
export const opensearch = {
  java: 21,
  ports: { http: 9201, transport: 9301 },
  async install() {
    const artifact = `org.opensearch.distribution.integ-test-zip:opensearch:${VERSION}:zip`;
    return join(await unpacked(`opensearch-zip-${VERSION}`, artifact), `opensearch-${VERSION}`);
  },
  prepare({ home, folder, ports }) {
    prepareNode({ home, folder, file: 'opensearch.yml', ports });
  },
  nodes: ({ home, java, folder, ports }) => [
    {
      port: ports.http,
      command: join(home, 'bin', 'opensearch'),
      args: [],
      cwd: folder,
      env: {
        OPENSEARCH_JAVA_HOME: java,
        OPENSEARCH_PATH_CONF: join(folder, 'config'),
        OPENSEARCH_TMPDIR: join(folder, 'tmp'),
      },
    },
  ],
  isReady: (port) => nodeIsReady(port),
  describe: (ports) => ({ url: `opensearch://127.0.0.1:${ports.http}` }),
};
