import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brokerProcess, brokerSettings, KAFKA_JAVA, kafkaHome, prepareBroker } from './kafka-broker.mjs';
import { accepts } from './ports.mjs';

const PASSWORD = 'secret123';
const STORE_PASSWORD = 'changeit';
const LISTENERS = ['tls', 'plain'];
const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule required';

/**
 * One broker that asks who is there, over TLS and without: adm (PLAIN) may do all; ann (SCRAM-SHA-512 or SCRAM-SHA-256)
 * may do nothing until adm allows it.
 */
export const kafkaSecure = {
  java: KAFKA_JAVA,
  ports: { tls: 9093, plain: 9095, inner: 9096, controller: 9097 },
  install: kafkaHome,
  prepare({ home, java, folder, ports }) {
    const keys = makeKeys({ java, folder });
    const settings = {
      ...brokerSettings({
        id: 1,
        folder,
        listeners: [
          ...[`PLAINTEXT://127.0.0.1:${ports.inner}`, `CONTROLLER://127.0.0.1:${ports.controller}`],
          ...[`TLS://127.0.0.1:${ports.tls}`, `PLAIN://127.0.0.1:${ports.plain}`],
        ].join(),
        voters: `1@127.0.0.1:${ports.controller}`,
        copies: 1,
      }),
      // Names of listeners that are no protocols turn the defaults off, so all stand here.
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,TLS:SASL_SSL,PLAIN:SASL_PLAINTEXT',
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      ...Object.fromEntries(LISTENERS.flatMap(logins)),
      'ssl.keystore.location': keys,
      'ssl.keystore.password': STORE_PASSWORD,
      'ssl.keystore.type': 'PKCS12',
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      // The broker itself comes without a name, over the inner listener.
      'super.users': 'User:ANONYMOUS;User:adm',
    };
    const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map((kind) => `${kind}=[name=ann,password=${PASSWORD}]`);
    prepareBroker({ home, java, folder, settings, format: scram.flatMap((user) => ['--add-scram', user]) });
  },
  nodes: ({ home, java, folder, ports }) => [
    { port: ports.tls, ...brokerProcess({ home, java, folder, id: 1, heap: 512 }) },
  ],
  isReady: (port) => accepts(port),
  describe: ({ tls, plain }, folder) => {
    const ca = join(folder, 'ca.pem');
    const scram = 'sasl=scram-sha-512';
    return {
      url: `kafka+tls://adm:${PASSWORD}@127.0.0.1:${tls}?ca=${ca}`,
      urls: {
        scram: `kafka+tls://ann:${PASSWORD}@127.0.0.1:${tls}?ca=${ca}&${scram}`,
        'no TLS': `kafka://adm:${PASSWORD}@127.0.0.1:${plain}?sasl=plain`,
        'scram, no TLS': `kafka://ann:${PASSWORD}@127.0.0.1:${plain}?${scram}`,
      },
      files: { ca },
    };
  },
};

function logins(listener) {
  const name = `listener.name.${listener}`;
  return [
    [`${name}.plain.sasl.jaas.config`, `${PLAIN} user_adm="${PASSWORD}";`],
    [`${name}.scram-sha-256.sasl.jaas.config`, `${SCRAM};`],
    [`${name}.scram-sha-512.sasl.jaas.config`, `${SCRAM};`],
  ];
}

/** A key pair of its own, whose certificate stands for its authority: ca.pem. */
function makeKeys({ java, folder }) {
  const store = join(folder, 'keys.p12');
  if (existsSync(store)) return store;
  const keytool = (...args) =>
    execFileSync(
      join(java, 'bin', 'keytool'),
      [...args, '-alias', 'broker', '-keystore', store, '-storetype', 'PKCS12', '-storepass', STORE_PASSWORD],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    );
  const names = 'san=dns:localhost,ip:127.0.0.1';
  keytool(
    '-genkeypair',
    '-keyalg',
    'RSA',
    '-keysize',
    '2048',
    '-dname',
    'CN=localhost',
    '-ext',
    names,
    '-validity',
    '365',
  );
  writeFileSync(join(folder, 'ca.pem'), keytool('-exportcert', '-rfc'));
  return store;
}
