import { readFileSync } from 'node:fs';
import { LogsError, systemReason } from '../errors.ts';

const PLACEHOLDER = /\$\{(env|file):([^}]*)\}/g;

/**
 * Text with `${env:NAME}` and `${file:PATH}` replaced by what they stand for; of a file, without the line end that
 * editors leave.
 * @throws LogsError CONFIG for a variable that is not set and a file that cannot be read
 */
export function resolveSecrets(text: string): string {
  return text.replace(PLACEHOLDER, (placeholder, kind: string, name: string) => {
    return kind === 'env' ? variable(name, placeholder) : contentOf(name, placeholder);
  });
}

function variable(name: string, placeholder: string): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new LogsError('CONFIG', `${placeholder}: the environment variable ${name} is not set`, {
      hint: `export ${name}=… before the command, or use \${file:PATH}`,
    });
  }
  return value;
}

function contentOf(path: string, placeholder: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new LogsError('CONFIG', `${placeholder}: cannot read it: ${systemReason(error)}`, {
      hint: 'the file holds the secret alone, and only its owner may read it',
      cause: error,
    });
  }
}
