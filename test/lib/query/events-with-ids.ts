import type { ShippedEvent } from './hostile-events.ts';

/** Lines with ids in their messages, that other lines have at other places; `until`: the newest, ms since 1970. */
export function eventsWithIds(count: number, until: number): ShippedEvent[] {
  return Array.from({ length: count }, (_, n) => {
    const trace = `4bf92f3577b34da6a3ce929d0e0e4${(n % 50).toString(16).padStart(3, '0')}`;
    const line = JSON.stringify({
      ts: new Date(until - (n % 700) * 1000).toISOString(),
      level: ['info', 'warn', 'error'][n % 3],
      service: `s${n % 3}`,
      pod: `frontend-7c8f9d-abcde-${n % 4}`,
      status: n % 5 === 0 ? String(200 + (n % 7)) : 200 + (n % 7),
      latency_ms: (n * 37) % 101,
      trace_id: trace,
      span_id: `00f067aa0ba9${(n % 90).toString(16).padStart(4, '0')}`,
      user: n % 4 === 0 ? { name: 'x' } : 'error',
      message: `Request ${n} of ${trace} started, took ${n % 13}ms on frontend-7c8f9d-abcde-${n % 4}`,
    });
    return { bytes: Buffer.from(line), context: n % 6 === 0 ? { host: 'h1', fields: { status: '500' } } : {} };
  });
}
