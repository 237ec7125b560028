/** A plain object that tells who listens what has changed. */
export class Store<T extends object> {
  private current: Readonly<T>;
  private readonly listeners = new Set<(value: Readonly<T>, changed: ReadonlySet<keyof T>) => void>();

  constructor(initial: T) {
    this.current = initial;
  }

  get value(): Readonly<T> {
    return this.current;
  }

  patch(changes: Partial<T>): void {
    const changed = new Set<keyof T>();
    for (const key of Object.keys(changes) as (keyof T)[]) {
      if (!same(this.current[key], changes[key])) {
        changed.add(key);
      }
    }
    if (changed.size === 0) {
      return;
    }
    this.current = { ...this.current, ...changes };
    for (const listener of [...this.listeners]) {
      listener(this.current, changed);
    }
  }

  subscribe(listener: (value: Readonly<T>, changed: ReadonlySet<keyof T>) => void, signal: AbortSignal): void {
    this.listeners.add(listener);
    signal.addEventListener('abort', () => this.listeners.delete(listener));
  }
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) {
    return true;
  }
  // What has a revision may be long: two of them differ if that does.
  return isObject(a) && isObject(b) && a.revision === b.revision && JSON.stringify(a) === JSON.stringify(b);
}

function isObject(x: unknown): x is { revision?: unknown } {
  return typeof x === 'object' && x !== null;
}
