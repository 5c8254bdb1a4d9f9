/**
 * Makes items of `make` ahead of the consumer: while one is used, up to `ahead` more are
 * being made, one after the other. A failure reaches the consumer in its turn.
 */
export async function* prefetch<In, Out>(
  items: AsyncIterable<In>,
  make: (item: In) => Promise<Out>,
  ahead: number,
): AsyncGenerator<Out, void, undefined> {
  type Slot = { readonly value: Out } | { readonly error: unknown } | { readonly done: true };
  const ready: Slot[] = [];
  let wakeConsumer: (() => void) | undefined;
  let wakeProducer: (() => void) | undefined;
  let stopped = false;

  const put = (slot: Slot): void => {
    ready.push(slot);
    wakeConsumer?.();
  };
  const produce = async (): Promise<void> => {
    try {
      for await (const item of items) {
        put({ value: await make(item) });
        while (ready.length >= ahead && !stopped)
          await new Promise<void>((resolve) => (wakeProducer = resolve));
        if (stopped) return;
      }
      put({ done: true });
    } catch (error) {
      put({ error });
    }
  };
  void produce();
  try {
    for (;;) {
      while (ready.length === 0) await new Promise<void>((resolve) => (wakeConsumer = resolve));
      const slot = ready.shift();
      wakeProducer?.();
      if (slot === undefined || 'done' in slot) return;
      if ('error' in slot) throw slot.error;
      yield slot.value;
    }
  } finally {
    stopped = true;
    wakeProducer?.();
  }
}
