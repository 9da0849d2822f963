import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { unpacked } from './maven.mjs';
import { statusOf } from './ports.mjs';

const VERSION = '3.3.3';
const API = '/apis/ccompat/v7';

/** Apicurio, which answers as the Schema Registry of Confluent does. It keeps schemas in memory. */
export const registry = {
  java: 21,
  ports: { http: 8081, management: 8082 },
  install: () => unpacked(`apicurio-${VERSION}`, `io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`),
  prepare() {
    // It takes all its settings when it starts.
  },
  nodes: ({ home, java, folder, ports }) => [
    {
      port: ports.http,
      command: join(java, 'bin', 'java'),
      args: [
        ...['-Xmx256m', '-XX:+UseSerialGC', '-Dquarkus.http.host=127.0.0.1', `-Dquarkus.http.port=${ports.http}`],
        ...[`-Dquarkus.management.port=${ports.management}`, '-jar', jar(home)],
      ],
      cwd: folder,
    },
  ],
  isReady: async (port) => (await statusOf(`http://127.0.0.1:${port}${API}/subjects`)) === 200,
  describe: (ports) => ({ url: `http://127.0.0.1:${ports.http}${API}` }),
};

function jar(home) {
  const inside = readdirSync(home, { recursive: true });
  return join(
    home,
    inside.find((path) => /(^|\/)quarkus-run\.jar$/.test(path)),
  );
}
