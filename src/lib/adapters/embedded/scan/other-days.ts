import type { OtherDay } from './scanned-group.ts';

/** Events of other days than the one that is wanted, as runs. */
export class OtherDays {
  readonly runs: { readonly event: number; events: number; readonly day: number }[] = [];

  /** `events` events from `event` on are of a day; they come in order. */
  add({ event, events, day }: OtherDay): void {
    const last = this.runs.at(-1);
    if (last?.day === day && last.event + last.events === event) last.events += events;
    else this.runs.push({ event, events, day });
  }
}
