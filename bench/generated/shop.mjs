// Logs as services of a shop write them: few kinds of messages, traces over several services, some stack traces.
// zstd -3 makes them 8 to 12 times smaller.
import { clockOf } from './clock.mjs';

const USERS = Array.from({ length: 5000 }, (_, n) => `u-${String(n * 7919).padStart(8, '0')}`);
const PRODUCTS = Array.from({ length: 400 }, (_, n) => `SKU-${(n * 104_729 + 70_000).toString(36).toUpperCase()}`);
const CITIES = ['Berlin', 'Porto', 'Osaka', 'Lagos', 'Quito', 'Malmö', 'Perth', 'Boston', 'Cusco', 'Hanoi'];
const HOSTS = Array.from({ length: 12 }, (_, n) => `node-${n + 1}.eu-west.example`);
/** Traces under way at once, and how many events each has at the most. */
const TRACES = 64;
const TRACE_EVENTS = 12;

/** Per service: its paths, and what it says: [weight, level, message]. */
const SERVICES = {
  frontend: {
    paths: ['/', '/cart', '/checkout', '/product', '/search', '/healthz'],
    says: [
      [50, 'INFO', (r) => `request completed for user ${r.pickEarly(USERS)} in ${r.below(240)} ms`],
      [20, 'INFO', (r) => `rendered template page.html with ${r.below(40)} items`],
      [12, 'DEBUG', (r) => `session refreshed, ttl ${r.below(60)} minutes, cookie accepted`],
      [2, 'WARN', (r) => `slow response from upstream catalogue: ${800 + r.below(4000)} ms`],
    ],
  },
  cart: {
    paths: ['/v1/cart', '/v1/cart/items', '/v1/cart/merge'],
    says: [
      [30, 'INFO', (r) => `added ${r.pickEarly(PRODUCTS)} to the cart of ${r.pickEarly(USERS)}, quantity ${1 + r.below(5)}`],
      [10, 'DEBUG', (r) => `cache shard ${r.below(8)}/8 #${r.below(100)} evicted ${r.below(500)} keys`],
      [1, 'WARN', () => 'connection pool is nearly used up: 48 of 50 connections busy'],
    ],
  },
  checkout: {
    paths: ['/v1/orders', '/v1/orders/confirm'],
    says: [
      [20, 'INFO', (r) => `order placed by ${r.pickEarly(USERS)}: ${1 + r.below(9)} items, total ${r.below(900)}.${10 + r.below(90)} EUR`],
      [2, 'ERROR', (r) => `payment for ${r.pickEarly(USERS)} timed out after ${3000 + r.below(30) * 100} ms, will be tried again`],
      [1, 'ERROR', (r) => stack('IllegalStateException', `order is ${r.pick(['closed', 'locked', 'empty'])}`, r)],
    ],
  },
  payment: {
    paths: ['/v2/charges', '/v2/refunds'],
    says: [
      [20, 'INFO', (r) => `charged card ending in ${1000 + r.below(9000)} for customer ${r.pickEarly(USERS)}`],
      [2, 'WARN', (r) => `provider answered 429, waiting ${1 + r.below(30)} s before the next attempt`],
      [1, 'ERROR', (r) => stack('TimeoutException', `no answer from the provider in ${5 + r.below(20)} s`, r)],
    ],
  },
  shipping: {
    paths: ['/v1/quotes', '/v1/labels'],
    says: [
      [15, 'INFO', (r) => `quote for ${r.pick(CITIES)}: ${r.below(40)}.${10 + r.below(90)} EUR, ${1 + r.below(9)} days`],
      [5, 'INFO', (r) => `label printed, carrier "${r.pick(['Swift', 'Cargo & Co', 'Pigeon'])}", weight ${r.below(9000)} g`],
    ],
  },
  catalogue: {
    paths: ['/v1/products', '/v1/products/search'],
    says: [
      [40, 'INFO', (r) => `found ${r.below(200)} products for "${r.pick(CITIES)} ${r.pick(['mug', 'lamp', 'chair', 'bike'])}"`],
      [10, 'DEBUG', (r) => `query plan: index scan on products_by_name, cost ${r.below(3000)}, rows ${r.below(900)}`],
      [1, 'WARN', () => 'replica is behind the primary, reading from the primary instead'],
    ],
  },
}; // biome-ignore format: a table

/** One event in 4,000: the rare word of the questions. */
const RARE = 4000;

/** Gives a function that gives the next line, without its LF. */
export function shopLogs(random) {
  const time = clockOf(random, 20_000);
  const services = Object.entries(SERVICES).map(([name, { paths, says }]) => ({
    name,
    paths,
    messages: says.flatMap(([weight, level, text]) => Array.from({ length: weight }, () => ({ level, text }))),
    pods: Array.from({ length: 4 }, () => `${name}-${random.hex(8)}-${random.hex(4)}`),
  }));
  // Busy services write more.
  const turns = services.flatMap((service) => service.messages.map(() => service));
  const traces = Array.from({ length: TRACES }, () => newTrace(random));
  return () => {
    const service = random.pick(turns);
    const at = random.below(TRACES);
    const trace = traces[at];
    if (trace.left-- === 0) traces[at] = newTrace(random);
    const { level, text } = random.pick(service.messages);
    const rare = random.below(RARE) === 0;
    const message = rare ? `node ${random.pick(HOSTS)} was quarantined by the scheduler` : text(random);
    const status = level === 'ERROR' ? 500 + random.below(5) : random.below(20) === 0 ? 404 : 200;
    const slot = random.below(service.pods.length);
    return `{"time":"${time()}","level":"${level}","service":"${service.name}","pod":"${service.pods[slot]}","host":"${HOSTS[(slot * 5 + service.name.length) % HOSTS.length]}","container":"app","namespace":"shop","version":"2026.1.4","trace_id":"${trace.id}","span_id":"${random.hex(16)}","logger":"com.example.shop.${service.name}.Handler","http":{"method":"${status === 404 ? 'POST' : 'GET'}","path":"${random.pickEarly(service.paths)}","status":${status},"protocol":"HTTP/1.1","user_agent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"},"latency_ms":${random.below(50) ** 2 + random.below(10)},"message":${JSON.stringify(message)}}`;
  };
}

function newTrace(random) {
  return { id: random.hex(32), left: random.below(TRACE_EVENTS) };
}

function stack(exception, text, random) {
  const frames = ['Handler.handle', 'Filter.doFilter', 'Dispatcher.run', 'Pool.execute', 'Thread.run'];
  const at = frames.map(
    (frame) => `\tat com.example.shop.${frame}(${frame.split('.')[0]}.java:${20 + random.below(9)})`,
  );
  return `request failed\njava.lang.${exception}: ${text}\n${at.join('\n')}`;
}
