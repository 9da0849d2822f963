// `npm start [-- FILE…]`: shows what the command does on real logs, in a store of its own inside the checkout.
// It runs what a person would type, echoed before its output; a second run ships nothing twice.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const run = join(root, 'bin', 'run.js');
// npm starts scripts in the package's folder; what the user types is relative to where the user stands.
const standing = process.env.INIT_CWD ?? process.cwd();
const files = process.argv.slice(2);

const tour =
  files.length > 0
    ? { cwd: standing, store: join(root, '.data', 'files'), steps: ownFiles(files), next: afterOwnFiles() }
    : { cwd: root, store: join(root, '.data', 'samples'), steps: samples(), next: afterSamples() };

for (const { what, args, mayBeEmpty } of tour.steps) {
  process.stdout.write(`\n# ${what}\n$ logs ${args.map(quoted).join(' ')}\n`);
  const code = logs(args);
  if (code === 0 || (code === 1 && mayBeEmpty)) continue;
  process.stdout.write(`\nthat ended with exit code ${code}\n`);
  process.exit(code);
}
process.stdout.write(farewell(tour));

function samples() {
  const names = ['train-ticket.ndjson.gz', 'online-boutique.ndjson', 'apache-access.log', 'auth.log'];
  return [
    {
      what: 'Ship four files of real logs: JSON, Apache, syslog, gzip',
      args: ['ship', ...names.map((name) => `samples/${name}`)],
    },
    { what: 'The last errors', args: ['search', 'level:ERROR pod:ts-*', '-n', '3', ...drawn()] },
    {
      what: 'A comparison, a wildcard, a subnet',
      args: ['search', 'status>=400 -path:*.png client_ip:208.0.0.0/8', '-n', '4', ...drawn()],
    },
    { what: 'How many errors of which pod', args: ['agg', 'level:ERROR pod:*', '--by', 'pod', ...drawn()] },
    { what: 'A shop on Kubernetes, ten seconds a bar', args: ['agg', 'pod:ts-*', '--every', '10s', ...drawn()] },
    { what: 'What a web site was asked for', args: ['agg', 'status:*', '--top', '5', 'path', ...drawn()] },
  ];
}

function ownFiles(paths) {
  return [
    { what: 'Ship your files; what was shipped before is not shipped again', args: ['ship', ...paths] },
    { what: 'The newest events', args: ['search', '-n', '5', ...drawn()] },
    { what: 'How many of each level', args: ['agg', '--by', 'level', ...drawn()] },
    { what: 'Errors among them', args: ['search', 'level>=ERROR', '-n', '5', ...drawn()], mayBeEmpty: true },
  ];
}

function afterSamples() {
  return [
    `logs search '"invalid user" admin' -n 5`,
    'logs agg status:404 --top 10 path',
    'logs tail -f                              # and in another terminal: date | logs ship',
    'logs search timeout /var/log/syslog       # a file of yours, with no store',
    'logs search --help',
  ];
}

function afterOwnFiles() {
  return [
    "logs search 'error OR failed' -n 20",
    'logs search "level>=WARN" --since 1d',
    'logs agg --every 1h --by level',
    'logs store stats',
    'logs search --help',
  ];
}

/** Without a terminal, as in CI, the commands would write for programs to read; here a person reads the log. */
function drawn() {
  return process.stdout.isTTY ? [] : ['-o', 'pretty'];
}

/** As a shell wants it: in single quotes where a character of it means something to a shell. */
function quoted(arg) {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`;
}

function logs(args) {
  const done = spawnSync(process.execPath, [run, ...args], {
    cwd: tour.cwd,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, LOGS_STORE: tour.store },
  });
  if (done.error !== undefined) throw done.error;
  return done.status ?? 1;
}

function farewell({ store, next }) {
  return `
# Now you, in this terminal:
alias logs='node "${run}"'
export LOGS_STORE="${store}"
${next.join('\n')}
`;
}
