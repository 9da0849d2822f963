import { setTimeout as sleep } from 'node:timers/promises';
import { LogsError } from '../../errors.ts';

const PAUSE_MS = 500;

/** Asks until there is an answer, or the signal says stop. */
export type Patient = <T>(ask: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/** Asks a cluster that may be away for hours: that it is away is told once, and once that it is back. */
export function patience(name: string, tell: (text: string) => void): Patient {
  let away = false;
  return async (ask, signal) => {
    for (;;) {
      try {
        const answer = await ask();
        if (away) tell(`${name} is back`);
        away = false;
        return answer;
      } catch (error) {
        if (!(error instanceof LogsError) || !error.canRetry) throw error;
        if (!away) tell(`${error.message}; trying again`);
        away = true;
        await sleep(PAUSE_MS, undefined, { signal });
      }
    }
  };
}

/** Takes what a cluster says as it is. */
export const impatience: Patient = (ask) => ask();
