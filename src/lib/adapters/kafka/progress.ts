/** How far one partition was given and is done, while it is ours. */
export class PartitionProgress {
  readonly topic: string;
  readonly partition: number;
  /** The offset that is given next; undefined until something came. */
  next: number | undefined;
  /** Everything before it is done; undefined until something is. */
  private reached: number | undefined;
  private committed: number | undefined;
  /** Ends of what was given and not done, by their starts. */
  private readonly open = new Map<number, number>();
  /** Ends of what was done before something that came earlier, by their starts. */
  private readonly early = new Map<number, number>();

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  /** Offsets from `next` to `to` were given; returns what to call when they are done. */
  give(from: number, to: number): () => void {
    this.reached ??= from;
    this.next = to;
    this.open.set(from, to);
    return () => {
      if (!this.open.delete(from)) return;
      this.early.set(from, to);
      for (;;) {
        const end = this.early.get(this.reached as number);
        if (end === undefined) return;
        this.early.delete(this.reached as number);
        this.reached = end;
      }
    };
  }

  get isDone(): boolean {
    return this.open.size === 0;
  }

  /** The offset to commit; undefined where there is nothing new. */
  get due(): number | undefined {
    return this.reached === this.committed ? undefined : this.reached;
  }

  commit(offset: number): void {
    this.committed = offset;
  }
}
