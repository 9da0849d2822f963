// The architecture as rules. `a <- b` reads "b imports a":
// record <- parse, process, buffer, read, send, store, query, render <- app <- commands.
// Everyone may import record and errors. What a rule forbids, its comment gives the reason for.

const lib = '^src/lib/';
const inner = ['src/lib/record/', 'src/lib/errors\\.ts$'];

/** A stage, and what else it may reach besides itself, record and errors. */
function stage(name, allowed = []) {
  return {
    name: `stage-${name}`,
    severity: 'error',
    comment: 'Stages do not import each other: each can be read, tested and replaced alone.',
    from: { path: `^src/lib/${name}/` },
    to: { path: '^src/', pathNot: [`^src/lib/${name}/`, ...inner, ...allowed].map(anchored) },
  };
}

function anchored(path) {
  return path.startsWith('^') ? path : `^${path}`;
}

/** An adapter, and what it may reach besides itself, record and errors: its stages' ports. */
function adapter(name, allowed) {
  return {
    name: `adapter-${name}`,
    severity: 'error',
    comment: 'An adapter knows the ports it fills, never another adapter.',
    from: { path: `^src/lib/adapters/${name}/` },
    to: { path: '^src/', pathNot: [`^src/lib/adapters/${name}/`, ...inner, ...allowed].map(anchored) },
  };
}

/** A heavy package: only the named files import it, so that no other command pays for loading it. */
function only(packages, where, reason) {
  return {
    name: `only-${packages[0].replace(/[^a-z0-9]+/g, '-')}`,
    severity: 'error',
    comment: reason,
    from: { pathNot: where },
    to: { path: packages.map((name) => `node_modules/${name}/`), dependencyTypesNot: ['type-only'] },
  };
}

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'A cycle is two files that cannot be understood one at a time.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      comment: 'It would fail when it is loaded.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'not-to-dev-dependency',
      severity: 'error',
      comment: 'Users install without development tools.',
      from: { path: '^(src|bin)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/@types/' },
    },
    {
      name: 'record-is-the-bottom',
      severity: 'error',
      comment: 'record imports nothing of ours but errors: everything else stands on it.',
      from: { path: `${lib}record/` },
      to: { path: '^src/', pathNot: ['^src/lib/record/', '^src/lib/errors\\.ts$'] },
    },
    {
      name: 'errors-stand-alone',
      severity: 'error',
      comment: 'Errors are imported by everyone, so they import no one.',
      from: { path: '^src/lib/errors\\.ts$' },
      to: { path: '^src/' },
    },
    stage('parse'),
    stage('process'),
    stage('buffer'),
    stage('read'),
    stage('send'),
    stage('query'),
    stage('render'),
    stage('store', ['src/lib/query/']),
    // The words that `--format` and `--encoding` take stand where the formats are.
    stage('config', ['src/lib/query/', 'src/lib/parse/formats\\.ts$', 'src/lib/read/decode\\.ts$']),
    {
      name: 'store-takes-types-of-query',
      severity: 'error',
      comment: 'A plan is a shape: the port of the stores must not load the query compiler.',
      from: { path: `${lib}store/` },
      to: { path: `${lib}query/`, dependencyTypesNot: ['type-only'] },
    },
    adapter('embedded', ['src/lib/(store|send|buffer|parse|query)/']),
    adapter('file', ['src/lib/(store|read|send|parse|query)/']),
    adapter('stdio', ['src/lib/(read|send)/']),
    adapter('null', ['src/lib/(read|send)/']),
    adapter('kafka', ['src/lib/(store|read|send|parse|query|config)/']),
    adapter('elasticsearch', ['src/lib/(store|send|parse|query|config)/']),
    adapter('queue', ['src/lib/(send|buffer|parse)/']),
    {
      name: 'only-wire-names-adapters',
      severity: 'error',
      comment: 'Sources, sinks and stores are opened from a URL in one place, by await import().',
      from: { path: '^src/', pathNot: ['^src/lib/wire/', '^src/lib/adapters/'] },
      to: { path: `${lib}adapters/` },
    },
    {
      name: 'wire-loads-lazily',
      severity: 'error',
      comment: 'A command loads only the adapter it uses.',
      from: { path: '^src/lib/wire/' },
      to: { path: `${lib}adapters/`, dependencyTypesNot: ['dynamic-import', 'type-only'] },
    },
    {
      name: 'start-stands-alone',
      severity: 'error',
      comment: 'It is the one script that is compiled anew by every process: nothing of ours may be in it.',
      from: { path: '^src/start/' },
      to: { path: '^src/', pathNot: '^src/start/' },
    },
    {
      name: 'lib-knows-no-face',
      severity: 'error',
      comment: 'The same functions serve the command line, the server and the screen.',
      from: { path: lib },
      to: { path: ['^src/(commands|cli)/', 'node_modules/@oclif/'] },
    },
    {
      name: 'faces-call-app',
      severity: 'error',
      comment: 'A command parses flags and calls one function of lib/app; adapters are reached through wire.',
      from: { path: '^src/(commands|cli)/' },
      to: { path: `${lib}(buffer|adapters)/` },
    },
    {
      name: 'nobody-imports-commands',
      severity: 'error',
      comment: 'Commands are the outermost ring.',
      from: { path: '^src/', pathNot: '^src/commands/' },
      to: { path: '^src/commands/' },
    },
    only(['@duckdb'], '^src/lib/adapters/embedded/', 'DuckDB takes 120 ms to load.'),
    only(['kafkajs'], '^src/lib/adapters/kafka/', 'Only its adapter knows the client of Kafka.'),
    only(['@elastic'], '^src/lib/adapters/elasticsearch/', 'The client of Elasticsearch takes 145 ms to load.'),
    only(['cli-table3', 'chalk'], '^src/(lib/render|cli)/', 'Drawing is the business of render.'),
    only(['@oclif/core'], '^(src/(commands|cli)/|bin/)', 'oclif belongs to the command line alone.'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|test)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.d.ts'],
    },
    skipAnalysisNotInRules: false,
  },
};
