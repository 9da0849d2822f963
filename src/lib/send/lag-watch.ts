import { LogsError } from '../errors.ts';

export interface LagWatchOptions {
  /** Events that consumers are behind. */
  readonly lag: (signal: AbortSignal) => Promise<number>;
  /** Above this they are lagging; until they are below nine tenths of it. */
  readonly threshold: number;
  /** Milliseconds between two looks. */
  readonly everyMs: number;
  /** Called when it changes. */
  readonly changed: (lagging: boolean) => void;
  readonly tell: (text: string) => void;
}

/**
 * Looks now and then how far consumers are behind. Where that cannot be learned they count as not behind: less is
 * dropped. Call what it gives to end it.
 */
export function watchLag({ lag, threshold, everyMs, changed, tell }: LagWatchOptions): () => void {
  const stop = new AbortController();
  let lagging = false;
  let failed = false;
  let timer: NodeJS.Timeout;
  const set = (now: boolean, text: string): void => {
    if (now === lagging) return;
    lagging = now;
    changed(now);
    tell(text);
  };
  const look = async (): Promise<void> => {
    try {
      const events = await lag(stop.signal);
      failed = false;
      const amount = `consumers are ${events.toLocaleString('en-US')} events behind`;
      if (events > threshold) set(true, `${amount}: sampling until they have caught up`);
      else if (events < threshold * 0.9) set(false, `${amount}: sampling no more`);
    } catch (error) {
      if (stop.signal.aborted) return;
      const reason = error instanceof LogsError ? error.message : String(error);
      if (!failed) tell(`cannot learn how far consumers are behind: ${reason}`);
      failed = true;
      set(false, 'sampling no more');
    }
    if (stop.signal.aborted) return;
    timer = setTimeout(() => void look(), everyMs);
    timer.unref();
  };
  void look();
  return () => {
    stop.abort();
    clearTimeout(timer);
  };
}
