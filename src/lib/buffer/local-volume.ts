import { LogsError } from '../errors.ts';
import type { Fs } from './fs.ts';

/**
 * Magic numbers of statfs(2) for file systems of other machines or of user-space servers, where a refused socket does
 * not prove that an owner is dead, and what fsync promises is not known. Linux, include/uapi/linux/magic.h.
 */
const REMOTE = new Map<number, string>([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x65735546, 'FUSE'],
  [0x01021997, '9p'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
  [0x19830326, 'BeeGFS'],
  [0x786f4256, 'vboxsf'],
]);

/** Throws STORE_UNSUITABLE for a folder on a file system of another machine or of a user-space server. */
export async function refuseRemoteVolume(fs: Fs, dir: string): Promise<void> {
  const { type } = await fs.volume(dir);
  const remote = REMOTE.get(type >>> 0);
  if (remote === undefined) return;
  throw new LogsError(
    'STORE_UNSUITABLE',
    `${dir} is on a network or user-space file system (${remote}), where a store can only be read`,
    {
      hint: 'Choose a folder on a local disk with --store.',
    },
  );
}
