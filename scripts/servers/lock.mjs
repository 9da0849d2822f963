import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { processExists } from './processes.mjs';

/** Runs `work` while no other process of this machine holds the lock `path`. A holder that died has let go. */
export async function locked(path, work) {
  while (!take(path)) await sleep(100);
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  try {
    const holder = Number(readFileSync(path, 'utf8'));
    // Written in two steps, so it may be seen empty.
    if (holder === 0 || processExists(holder)) return false;
    const dead = `${path}.${process.pid}`;
    renameSync(path, dead);
    rmSync(dead);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  return false;
}
