import { describe, expect, it } from 'vitest';
import { openSourceClaims } from '../../../../src/lib/adapters/embedded/source-claims.ts';

describe('a claim on a source', () => {
  it('that cannot be made says so in our words, naming the folder', async () => {
    await expect(openSourceClaims('/dev/null/store').claim('1-2', 'app.log')).rejects.toMatchObject({
      code: 'NOT_WRITABLE',
      message: 'cannot claim /dev/null/store/sources/1-2: a part of the path is not a folder',
      hint: expect.any(String),
    });
  });
});
