// Writes docs/commands.md from the compiled commands, so that what is documented is what is parsed.
// `--check`: writes nothing, fails where the file differs.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const path = join(root, 'docs', 'commands.md');
const { commands } = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8'));

const text = page(Object.values(commands).filter(({ hidden }) => !hidden));
if (!process.argv.includes('--check')) writeFileSync(path, text);
else if (readOr(path) !== text) {
  process.stderr.write(
    'docs/commands.md is not what the commands say: run `npm run build && npm run docs`, commit it\n',
  );
  process.exitCode = 1;
}

function readOr(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The whole page: what all commands share once, then each command with its examples and flags. */
function page(list) {
  const shared = flagsOf(list[0]).filter((flag) => list.every((command) => flagsOf(command).some(same(flag))));
  const sections = list.map((command) => section(command, shared));
  return `${[
    '# Commands',
    'Written by `npm run docs` from the commands themselves. The query language is in [query.md](query.md), exit codes and errors in [errors.md](errors.md).',
    list.map(({ id, summary }) => `- [\`logs ${spaced(id)}\`](#${anchor(id)}) – ${summary}`).join('\n'),
    ...sections,
    '## Flags of every command',
    table(shared),
  ].join('\n\n')}\n`;
}

function section(command, shared) {
  const own = flagsOf(command).filter((flag) => !shared.some(same(flag)));
  const usage = [command.usage ?? []].flat().map((line) => line.replaceAll('<%= config.bin %>', 'logs'));
  const examples = (command.examples ?? []).map(example);
  return [
    `## logs ${spaced(command.id)}`,
    [command.summary, command.description].filter(Boolean).map(sentence).join('\n\n'),
    ...(usage.length > 0 ? [fenced(usage.map((line) => (line.startsWith('logs ') ? line : `logs ${line}`)))] : []),
    ...(examples.length > 0 ? [fenced(examples)] : []),
    ...(own.length > 0 ? [table(own)] : []),
  ].join('\n\n');
}

function example(value) {
  const { description, command } = typeof value === 'string' ? { command: value } : value;
  const line = command.replaceAll('<%= config.bin %>', 'logs').replaceAll('<%= command.id %>', '');
  return description ? `# ${description}\n${line}` : line;
}

function flagsOf(command) {
  return Object.values(command.flags).filter(({ hidden }) => !hidden);
}

function same(flag) {
  return (other) => JSON.stringify(row(other)) === JSON.stringify(row(flag));
}

function table(flags) {
  return [
    '| Flag | What it does |',
    '|---|---|',
    ...flags.map((flag) => `| ${row(flag).map(cell).join(' | ')} |`),
  ].join('\n');
}

function row({
  name,
  char,
  charAliases = [],
  aliases = [],
  type,
  allowNo,
  helpValue,
  options,
  summary,
  description,
  default: preset,
  env,
}) {
  const chars = [...(char ? [char] : []), ...charAliases].map((letter) => `-${letter}`);
  const value = type === 'option' ? ` ${[helpValue ?? options?.join('|') ?? 'VALUE'].flat().join('|')}` : '';
  const names = [...chars, `--${allowNo ? '[no-]' : ''}${name}${value}`, ...aliases.map((alias) => `--${alias}`)];
  const notes = [
    summary ?? description,
    ...(options && helpValue ? [`one of ${options.map((option) => `\`${option}\``).join(', ')}`] : []),
    ...(preset === undefined || preset === false ? [] : [`default \`${preset}\``]),
    ...(env ? [`environment \`${env}\``] : []),
  ];
  return [names.map((one) => `\`${one}\``).join(' '), notes.filter(Boolean).join('; ')];
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function sentence(text) {
  return /[.!?:]$/.test(text) ? text : `${text}.`;
}

function fenced(lines) {
  return ['```', ...lines, '```'].join('\n');
}

function spaced(id) {
  return id.replaceAll(':', ' ');
}

function anchor(id) {
  return `logs-${id.replaceAll(':', '-')}`;
}
