import { pbkdf2Sync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpacked } from './maven.mjs';
import { nodeIsReady, prepareNode } from './search-node.mjs';

const PASSWORD = 'secret123';
const USERS = { adm: 'superuser', viewer: 'viewer' };

export const elasticsearch = distribution({ version: '9.5.3', java: 21, ports: { http: 9200, transport: 9300 } });
export const elasticsearch8 = distribution({ version: '8.19.21', java: 17, ports: { http: 9202, transport: 9302 } });

/**
 * One node of the distribution its makers test with: the core and the security, without modules as data streams, ILM,
 * analysis, `GET /`. One user may do all, one may only read.
 */
function distribution({ version, java, ports }) {
  return {
    java,
    ports,
    async install() {
      const artifact = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${version}:zip`;
      return join(await unpacked(`elasticsearch-zip-${version}`, artifact), `elasticsearch-${version}`);
    },
    prepare({ home, folder, ports }) {
      prepareNode({ home, folder, file: 'elasticsearch.yml', ports, more: { 'xpack.security.enabled': true } });
      const lines = (line) => Object.entries(USERS).map(line).join('');
      writeFileSync(
        join(folder, 'config', 'users'),
        lines(([user]) => `${user}:${hashed(PASSWORD, user)}\n`),
      );
      writeFileSync(
        join(folder, 'config', 'users_roles'),
        lines(([user, role]) => `${role}:${user}\n`),
      );
    },
    nodes: ({ home, java, folder, ports }) => [
      {
        port: ports.http,
        command: join(home, 'bin', 'elasticsearch'),
        args: [],
        cwd: folder,
        env: { ES_JAVA_HOME: java, ES_PATH_CONF: join(folder, 'config'), ES_TMPDIR: join(folder, 'tmp') },
      },
    ],
    isReady: (port) => nodeIsReady(port, { authorization: `Basic ${btoa(`adm:${PASSWORD}`)}` }),
    describe: ({ http }) => ({
      url: `es://adm:${PASSWORD}@127.0.0.1:${http}`,
      urls: { viewer: `es://viewer:${PASSWORD}@127.0.0.1:${http}` },
    }),
  };
}

/** A password as the file realm keeps it: its own tool takes seconds of Java for each. */
function hashed(password, user) {
  const rounds = 10_000;
  const salt = Buffer.from(user.padEnd(32));
  const hash = pbkdf2Sync(password, salt, rounds, 32, 'sha512');
  return `{PBKDF2}${rounds}$${salt.toString('base64')}$${hash.toString('base64')}`;
}
