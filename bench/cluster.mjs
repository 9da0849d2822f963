// `npm run bench -- cluster [--write]`: writing to and reading from Kafka beside kafkajs alone, bulk beside the client's own
// helper, and searches of a million events, against servers that it starts itself. `--write`: also writes
// docs/performance-cluster.md.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SERVERS = join(root, 'scripts', 'servers.mjs');
const EVENTS_SEARCHED = '1000000';

/** Measures all on a file of events. */
export function benchCluster(file) {
  const parts = [];
  withServer('kafka', ({ url }) => {
    parts.push(['Kafka', 'bench/kafka.mjs URL FILE', fenced(run('kafka.mjs', url, file))]);
  });
  withServer('opensearch', ({ url }) => {
    parts.push(['Bulk', 'bench/elasticsearch.mjs URL FILE', fenced(run('elasticsearch.mjs', url, file))]);
    parts.push(['Search', `bench/es-search.mjs URL ${EVENTS_SEARCHED}`, run('es-search.mjs', url, EVENTS_SEARCHED)]);
  });
  const text = page(parts);
  process.stdout.write(text);
  if (process.argv.includes('--write')) writeFileSync(join(root, 'docs', 'performance-cluster.md'), text);
}

function withServer(kind, work) {
  const name = `${kind}-of-bench`;
  const up = spawnSync(process.execPath, [SERVERS, 'up', kind, '--json', '--as', name, '--for', String(process.pid)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (up.status !== 0) throw new Error(`${kind} cannot be had here`);
  try {
    work(JSON.parse(up.stdout));
  } finally {
    spawnSync(process.execPath, [SERVERS, 'down', '--for', String(process.pid)], { stdio: ['ignore', 2, 2] });
  }
}

function run(script, ...args) {
  process.stderr.write(`${script} …\n`);
  const done = spawnSync(process.execPath, [join(root, 'bench', script), ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (done.status !== 0) throw new Error(`${script} ended with ${done.status}`);
  process.stderr.write(done.stdout);
  return done.stdout;
}

function fenced(text) {
  return `\`\`\`\n${text}\`\`\`\n`;
}

function page(parts) {
  const [{ model }] = cpus();
  const sections = parts.map(([title, command, text]) => `## ${title}\n\`node ${command}\`\n\n${text}`);
  return `# Performance on Kafka and on indices

Measured by \`npm run bench -- cluster\` on ${cpus().length} cores (${model.trim()}), Node ${process.version}, client and server on
the same machine; the servers are those of [testing.md](testing.md), with heaps of 512 MiB. What is compared is
measured in turn in one run, and the ratio of the medians counts. Of searches, the regular expression and the count of a
phrase are asked for more than matches, which is checked here: that is most of their time.

${sections.join('\n')}`;
}
