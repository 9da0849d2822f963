import { javaHome } from './java.mjs';
import { needMaven } from './maven.mjs';
import { Unavailable } from './unavailable.mjs';

/** What servers need of a machine, by the name that test/skips.json gives it. */
const NEEDS = { 'Java 17': () => javaHome(17), 'Java 21': () => javaHome(21), Maven: needMaven };

export function isThere(need) {
  try {
    NEEDS[need]();
    return true;
  } catch (error) {
    if (error instanceof Unavailable) return false;
    throw error;
  }
}
