// Logs that compress badly: random ids, addresses, tokens and a salad of words. zstd -3 makes them about 4 times smaller.
import { clockOf } from './clock.mjs';

const SERVICES = ['edge', 'auth', 'ledger', 'search', 'media', 'mail', 'geo', 'billing'];
const LEVELS = ['INFO', 'INFO', 'INFO', 'INFO', 'INFO', 'INFO', 'DEBUG', 'DEBUG', 'WARN', 'ERROR'];
const VERBS = ['GET', 'POST', 'PUT', 'DELETE'];
const RARE = 4000;

/** Gives a function that gives the next line, without its LF. */
export function entropyLogs(random) {
  const time = clockOf(random, 20_000);
  const words = vocabulary(random);
  const pods = SERVICES.map((name) => Array.from({ length: 8 }, () => `${name}-${random.hex(8)}-${random.hex(4)}`));
  const salad = (n) => Array.from({ length: n }, () => random.pickEarly(words)).join(' ');
  return () => {
    const service = random.below(SERVICES.length);
    const level = random.pick(LEVELS);
    const rare = random.below(RARE) === 0 ? ' quarantined' : '';
    const fault =
      level === 'ERROR' && random.below(4) === 0 ? `${random.pick(['Io', 'Parse', 'Auth'])}Exception: ` : '';
    const late = level === 'WARN' && random.below(4) === 0 ? ' timed out' : '';
    return `{"time":"${time()}","level":"${level}","service":"${SERVICES[service]}","pod":"${random.pick(pods[service])}","host":"ip-10-${random.below(4)}-${random.below(8)}-${random.below(16)}.internal.example","environment":"production","region":"eu-central-1","trace_id":"${random.hex(32)}","span_id":"${random.hex(16)}","request_id":"${random.hex(8)}-${random.hex(4)}-${random.hex(4)}-${random.hex(4)}-${random.hex(12)}","http":{"method":"${random.pick(VERBS)}","path":"/${SERVICES[service]}/v1/${random.pickEarly(words)}/${random.below(1_000_000)}","status":${random.pick([200, 200, 200, 201, 204, 304, 400, 404, 500])},"protocol":"HTTP/2","client_ip":"${random.below(224)}.${random.below(256)}.${random.below(256)}.${random.below(256)}"},"latency_ms":${random.below(60) ** 2},"logger":"com.example.platform.${SERVICES[service]}.RequestHandler","message":"${fault}${salad(6 + random.below(8))}${rare}${late} shard ${random.below(8)}/8 #${random.below(100)}"}`;
  };
}

/** Words of two to four syllables. */
function vocabulary(random) {
  const syllables = [...'bdfgklmnprstvz'].flatMap((first) => [...'aeiou'].map((vowel) => first + vowel));
  return Array.from({ length: 6000 }, () =>
    Array.from({ length: 2 + random.below(3) }, () => random.pick(syllables)).join(''),
  );
}
