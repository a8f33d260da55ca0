/**
 * Several ordered streams as one ordered stream, lowest first. Reads ahead by one of each, and closes what it leaves.
 * @param limit how many at most
 */
export async function* merged<T>(
  streams: readonly AsyncIterable<T>[],
  rank: (value: T) => number,
  limit: number,
): AsyncGenerator<T> {
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
  try {
    if (limit <= 0) return;
    const heads = await Promise.all(iterators.map((iterator) => iterator.next()));
    for (let given = 0; given < limit; given++) {
      const ranks = heads.map(({ done, value }) => (done ? Number.POSITIVE_INFINITY : rank(value)));
      const lowest = ranks.indexOf(Math.min(...ranks));
      const head = heads[lowest];
      if (!head || head.done) return;
      yield head.value;
      heads[lowest] = await iterators[lowest]!.next();
    }
  } finally {
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
  }
}
