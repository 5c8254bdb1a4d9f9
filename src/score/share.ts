/** How many of something were as they must be. Tallies of several takes are added up. */
export interface Share {
  readonly good: number;
  readonly all: number;
}

export const none: Share = { good: 0, all: 0 };

export function shareOf<T>(items: readonly T[], isGood: (item: T) => boolean): Share {
  return { good: items.filter(isGood).length, all: items.length };
}

export function add(shares: readonly Share[]): Share {
  return shares.reduce((sum, share) => ({ good: sum.good + share.good, all: sum.all + share.all }), none);
}

/** In [0, 1]; NaN when there was nothing. */
export function ratio({ good, all }: Share): number {
  return all === 0 ? Number.NaN : good / all;
}
