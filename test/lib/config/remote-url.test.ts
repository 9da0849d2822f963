import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hideSecrets, isRemoteUrl, parseRemoteUrl } from '../../../src/lib/config/remote-url.ts';

afterEach(() => vi.unstubAllEnvs());

describe('addresses of servers', () => {
  it('have schemes, hosts, a path and settings', () => {
    expect(parseRemoteUrl('kafka+tls://ann@one,[::1]:19,three:7/logs-raw?acks=all', ['acks'])).toEqual({
      scheme: 'kafka',
      tls: true,
      hosts: [
        { host: 'one', port: 9093 },
        { host: '::1', port: 19 },
        { host: 'three', port: 7 },
      ],
      user: 'ann',
      password: undefined,
      path: ['logs-raw'],
      params: new Map([['acks', 'all']]),
      shown: 'kafka+tls://ann@one,[::1]:19,three:7/logs-raw',
      exposed: false,
    });
    expect(parseRemoteUrl('es://h', []).hosts).toEqual([{ host: 'h', port: 9200 }]);
    expect(['es://h', 'opensearch+https://h', 'store:x', 'http://h', '-'].map(isRemoteUrl)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('take secrets from elsewhere, whatever characters they have', () => {
    vi.stubEnv('SOME_PW', 'a@b/c?d%zz:');
    const file = join(mkdtempSync(join(tmpdir(), 'logs-secret-')), 'key');
    writeFileSync(file, 'k&=1\n');
    const url = parseRemoteUrl(`es+https://u:\${env:SOME_PW}@h/x?api-key=\${file:${file}}`, ['api-key']);
    expect(url).toMatchObject({ password: 'a@b/c?d%zz:', path: ['x'], shown: 'es+https://u@h/x', exposed: false });
    expect(url.params.get('api-key')).toBe('k&=1');
  });

  it('say when a secret stood in the open, and never show it', () => {
    const url = parseRemoteUrl('es://u:pw%40@h/i', []);
    expect(url).toMatchObject({ password: 'pw@', exposed: true, shown: 'es://u@h/i' });
    expect(hideSecrets('es://u:p@w@h/i?api-key=abc&x=1')).toBe('es://u:***@h/i?api-key=***&x=1');
  });

  it.each([
    ['kafka://h?ack=1', 'unknown setting "ack"', 'did you mean acks?'],
    ['kafka://h:99999', 'is no host', ''],
    ['kafka://', 'is no host', ''],
    ['kafka://h/%zz', '% that is no escape', ''],
    ['kafka://h?acks=1&acks=2', 'stands twice', ''],
    ['kafka:h', 'is no address', ''],
    ['kafka://u:${env:NOT_THERE_1}@h', 'NOT_THERE_1 is not set', ''],
  ])('%s is refused', (text, message, hint) => {
    expect(() => parseRemoteUrl(text, ['acks'])).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(message),
        ...(hint === '' ? {} : { hint: expect.stringContaining(hint) }),
      }),
    );
  });
});
