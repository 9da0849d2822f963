// Lines of a web server's access log, the combined format: visitors that come again, pages that all look at, robots.
import { clockOf } from './clock.mjs';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'Mozilla/5.0 (compatible; ExampleBot/2.1; +https://bot.example/about)',
  'curl/8.17.0',
];
const SECTIONS = ['articles', 'images', 'static', 'api/v1/items', 'search', 'login', 'feeds'];
const METHODS = ['GET', 'GET', 'GET', 'GET', 'GET', 'GET', 'GET', 'POST', 'HEAD'];
const STATUS = [200, 200, 200, 200, 200, 200, 200, 200, 304, 304, 301, 404, 404, 403, 500];
const VISITORS = 3000;
const PAGES = 2000;

/** Gives a function that gives the next line, without its LF. */
export function accessLogs(random) {
  const time = clockOf(random, 30_000);
  const visitors = Array.from({ length: VISITORS }, () => ({
    address: Array.from({ length: 4 }, () => 1 + random.below(254)).join('.'),
    user: random.below(40) === 0 ? `user${random.below(500)}` : '-',
    agent: random.pickEarly(AGENTS),
  }));
  const pages = Array.from({ length: PAGES }, () => `/${random.pick(SECTIONS)}/${random.below(90_000).toString(36)}`);
  return () => {
    const { address, user, agent } = random.pickEarly(visitors);
    const page = random.pickEarly(pages);
    const query = random.below(6) === 0 ? `?page=${random.below(30)}&sort=${random.pick(['new', 'top'])}` : '';
    const status = random.pick(STATUS);
    const bytes = status === 304 ? '-' : String(200 + random.below(300) ** 2);
    const referrer = random.below(3) === 0 ? '-' : `https://www.example.org${random.pickEarly(pages)}`;
    return `${address} - ${user} [${stamp(time())}] "${random.pick(METHODS)} ${page}${query} HTTP/1.1" ${status} ${bytes} "${referrer}" "${agent}"`;
  };
}

/** `15/Jan/2026:00:00:00 +0000` of RFC 3339. */
function stamp(time) {
  const month = MONTHS[Number(time.slice(5, 7)) - 1];
  return `${time.slice(8, 10)}/${month}/${time.slice(0, 4)}:${time.slice(11, 19)} +0000`;
}
