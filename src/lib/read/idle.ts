/** What comes, with `aged` after one when `ms` have passed since the last word, and `idle` when none came for `ms`. */
export async function* withIdle<T>(stream: AsyncIterable<T>, ms: number): AsyncGenerator<T | 'aged' | 'idle'> {
  const iterator = stream[Symbol.asyncIterator]();
  let last = Date.now();
  let said = true;
  try {
    for (let next = iterator.next(); ; ) {
      const result = said ? await next : await orIdle(next, ms);
      if (result === 'idle') {
        said = true;
        yield 'idle';
        continue;
      }
      if (result.done === true) return;
      if (said) last = Date.now();
      said = false;
      yield result.value;
      if (Date.now() - last >= ms) {
        last = Date.now();
        yield 'aged';
      }
      next = iterator.next();
    }
  } finally {
    await iterator.return?.();
  }
}

async function orIdle<T>(next: Promise<T>, ms: number): Promise<T | 'idle'> {
  let timer: NodeJS.Timeout | undefined;
  const idle = new Promise<'idle'>((resolve) => {
    timer = setTimeout(() => resolve('idle'), ms);
  });
  try {
    return await Promise.race([next, idle]);
  } finally {
    clearTimeout(timer);
  }
}
