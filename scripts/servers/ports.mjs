import { connect, createServer } from 'node:net';

const HOST = '127.0.0.1';

/**
 * A free port for each name of `wanted`: the usual one named there, if that is asked for and free. Else one below the
 * range that systems take the ports of outgoing connections from, so that a server can come back to it.
 */
export async function choosePorts(wanted, { usual }) {
  const chosen = {};
  for (const [name, port] of Object.entries(wanted)) {
    let candidate = usual ? port : anyPort();
    while (Object.values(chosen).includes(candidate) || !(await isFree(candidate))) candidate = anyPort();
    chosen[name] = candidate;
  }
  return chosen;
}

function anyPort() {
  return 20_000 + Math.floor(Math.random() * 12_000);
}

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: HOST, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

export function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/** The status of an answer; undefined where there was none in time. */
export async function statusOf(url, headers = {}) {
  try {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(15_000) });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return undefined;
  }
}
