interface Releasable {
  release(): void;
}

/** What was acquired for one purpose; given back together, last acquired first. */
export class Holdings {
  private readonly items: Releasable[] = [];

  keep<T extends Releasable>(item: T): T {
    this.items.push(item);
    return item;
  }

  /** May be called twice. */
  release(): void {
    for (let item = this.items.pop(); item; item = this.items.pop()) item.release();
  }
}
