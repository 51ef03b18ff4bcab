// A limit on every step in a browser: what has not answered by then is told by name instead of waited for.
// It must not judge what a step found; Playwright's own timeouts, which are shorter, do that.

/** Playwright gives up by itself after so long, with a good message, wherever it has a timeout at all. */
export const actionLimitMs = 120_000;
/** The rest (new contexts, evaluate, isVisible, close …) has none: by now the browser itself is stuck. */
export const stepLimitMs = 180_000;

/** The browser did not answer at all. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** Rejects with NoAnswer when `work` has not settled in time. */
export async function within<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new NoAnswer(`${what} did not answer within ${limitMs} ms`)), limitMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The same object, each of whose calls that returns a promise is held to the limit; so are the parts it gives out. */
export function limitSteps<T extends object>(target: T, name: string, limitMs: number = stepLimitMs): T {
  return new Proxy(target, {
    get(_target, key) {
      const value: unknown = Reflect.get(target, key, target);
      // Playwright looks at its own fields of what it is handed.
      if (typeof key === 'symbol' || key.startsWith('_') || key === 'then') return value;
      if (typeof value !== 'function') return limitPart(value, `${name}.${key}`, limitMs);
      return (...given: unknown[]) => {
        const step = `${name}.${key}(${given.map(sayArgument).join(', ')})`;
        const result: unknown = Reflect.apply(value, target, given);
        if (!(result instanceof Promise)) return limitPart(result, step, limitMs);
        return within(limitMs, step, result).then((found: unknown) =>
          Array.isArray(found) ? found.map((each) => limitPart(each, step, limitMs)) : limitPart(found, step, limitMs),
        );
      };
    },
  });
}

/** Plain values pass as they are; what has methods of its own (a page, a locator, the keyboard) is limited too. */
function limitPart(value: unknown, name: string, limitMs: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  const plain = prototype === null || prototype === Object.prototype || Array.isArray(value);
  return plain ? value : limitSteps(value, name, limitMs);
}

function sayArgument(given: unknown): string {
  if (typeof given === 'string') return JSON.stringify(given.length > 80 ? `${given.slice(0, 80)}…` : given);
  if (typeof given === 'number' || typeof given === 'boolean') return String(given);
  return '…';
}
