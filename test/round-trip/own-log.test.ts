import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, Chain, kept } from './chain.ts';

/** What a log file may be full of, and what makes its own frames hard to tell from lines. */
const HOSTILE = [
  '{"message":"one"}',
  '',
  'Error: boom\n    at f (x.js:1:1)\n    at g (x.js:2:2)',
  '{"~f":1,"life":"0000000000000000","seq":1,"synced":0,"t":1,"n":1,"len":2,"crc":         0}',
  'x\r',
  'caf\u00e9 \u0000 \u001b[31m',
].join('\n');

describe('a log file of the store, shipped into the store', () => {
  const chain = new Chain();
  afterAll(() => chain.dispose());

  /** Copies the newest log file out of the store; its name there. */
  const copyLog = (name: string): Buffer => {
    const log = join(chain.store, 'default', 'log');
    const files = readdirSync(log).flatMap((writer) =>
      readdirSync(join(log, writer))
        .filter((file) => file.endsWith('.log'))
        .map((file) => join(log, writer, file)),
    );
    expect(files).toHaveLength(1);
    copyFileSync(files[0] ?? '', join(chain.folder, name));
    return readFileSync(join(chain.folder, name));
  };

  const copies = new Map<string, Buffer>();
  beforeAll(() => {
    writeFileSync(
      join(chain.folder, 'hostile.log'),
      Buffer.concat([Buffer.from(HOSTILE), Buffer.from([10, 0xff, 0xfe])]),
    );
    chain.ship(['hostile.log', '--service', 's', '--field', 'k=v']);
    // A log file, then one that holds that one, then one that holds both: frames in frames in frames.
    for (const name of ['first.log', 'second.log', 'third.log']) {
      copies.set(name, copyLog(name));
      chain.ship([name]);
    }
    copies.set('piped', copies.get('third.log') ?? Buffer.alloc(0));
    chain.ship(['--field', 'file=piped', '--multiline', 'none'], copies.get('piped') ?? '');
  });

  function holdsEverything(): void {
    it.each(['first.log', 'second.log', 'third.log', 'piped'])('gives %s back byte for byte', async (name) => {
      const content = copies.get(name) ?? Buffer.alloc(0);
      expect(content.includes('"~f":1')).toBe(true);
      expect(bytesOf(await chain.find(`file:${name}`)).equals(kept(content))).toBe(true);
    });

    it('still has what it held before, once', async () => {
      const content = readFileSync(join(chain.folder, 'hostile.log'));
      expect(bytesOf(await chain.find('file:hostile.log')).equals(kept(content))).toBe(true);
    });
  }

  describe('from the log files', () => {
    holdsEverything();
    it('reads the frames of its own only', () => {
      const whole = chain.run(['search', '--count']).out.toString();
      expect(chain.run(['store', 'verify']).code).toBe(0);
      expect(chain.run(['search', '--count']).out.toString()).toBe(whole);
    });
  });
  describe('from segments', () => {
    beforeAll(() => chain.seal());
    holdsEverything();
  });
});
