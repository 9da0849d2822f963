import { join } from 'node:path';
import { unpacked } from './maven.mjs';
import { nodeIsReady, prepareNode } from './search-node.mjs';

export const opensearch = distribution({ version: '3.8.0', java: 21, ports: { http: 9201, transport: 9301 } });
export const opensearch2 = distribution({ version: '2.19.6', java: 17, ports: { http: 9203, transport: 9303 } });

/** One node of the smallest distribution, which has all but the plugins (ISM, security). */
function distribution({ version, java, ports }) {
  return {
    java,
    ports,
    async install() {
      const artifact = `org.opensearch.distribution.integ-test-zip:opensearch:${version}:zip`;
      return join(await unpacked(`opensearch-zip-${version}`, artifact), `opensearch-${version}`);
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
}
