// Which methods an address takes, learnt from the routes as they are registered: for OPTIONS, Allow and 405.
// It must not answer requests; it is only asked.

export type Addresses = {
  add(methods: readonly string[], pattern: string, access: RouteAccess): void;
  /** Every registered pattern with its methods. */
  all(): readonly { readonly pattern: string; readonly methods: readonly string[] }[];
  /** Null when no route has this path. */
  find(path: string): { readonly methods: readonly string[]; readonly access: RouteAccess } | null;
};

/** open: anybody's page may read it; write: only for holders of a token; page: HTML of this origin. */
export type RouteAccess = 'open' | 'write' | 'page';

type Address = { readonly shape: RegExp; readonly methods: Set<string>; readonly access: RouteAccess };

export function openAddresses(): Addresses {
  const byPattern = new Map<string, Address>();
  return {
    add(methods, pattern, access) {
      const known = byPattern.get(pattern);
      const address = known ?? { shape: toShape(pattern), methods: new Set<string>(), access };
      for (const method of methods) address.methods.add(method.toUpperCase());
      byPattern.set(pattern, address);
    },
    all: () => [...byPattern].map(([pattern, { methods }]) => ({ pattern, methods: [...methods] })),
    find(path) {
      const plain = path.length > 1 ? path.replace(/\/$/u, '') : path;
      const found = [...byPattern.values()].filter((address) => address.shape.test(plain));
      const exact = found.filter((address) => !address.shape.source.endsWith('.*$'));
      const best = exact.length > 0 ? exact : found;
      if (best.length === 0) return null;
      const methods = new Set(best.flatMap((address) => [...address.methods]));
      methods.add('OPTIONS');
      return {
        methods: [...methods].sort(),
        access: best.every(({ access }) => access === 'open') ? 'open' : best[0]!.access,
      };
    },
  };
}

function toShape(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+?^${}|[\]\\]/gu, '\\$&')
    .replace(/:\w+(?:\([^)]*\))?/gu, '[^/]+?')
    .replace(/\*$/u, '.*');
  return new RegExp(`^${source}$`, 'u');
}
