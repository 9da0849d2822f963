import { describe, expect, it } from 'vitest';
import { PartitionProgress } from '../../../../src/lib/adapters/kafka/progress.ts';

describe('how far a partition is done', () => {
  it('never moves past what is not done', () => {
    const progress = new PartitionProgress('t', 0);
    expect(progress.due).toBeUndefined();
    const [a, b, c] = [progress.give(10, 20), progress.give(20, 25), progress.give(25, 40)];
    expect(progress.next).toBe(40);
    c();
    b();
    expect(progress.due).toBe(10);
    expect(progress.isDone).toBe(false);
    a();
    expect(progress.due).toBe(40);
    expect(progress.isDone).toBe(true);
    progress.commit(40);
    expect(progress.due).toBeUndefined();
    progress.give(40, 41)();
    expect(progress.due).toBe(41);
  });

  it('takes done once', () => {
    const progress = new PartitionProgress('t', 0);
    const done = progress.give(0, 5);
    progress.give(5, 9);
    done();
    done();
    expect(progress.due).toBe(5);
  });
});
