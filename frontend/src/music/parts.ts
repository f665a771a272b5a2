/** Which part of a piece is which part of another one. */

import type { Part } from './piece';

/** A key for each part, each once: instrument and name, and whether it is the first, second, ... of these. */
export function partKeys(parts: readonly Part[]): string[] {
  const seen = new Map<string, number>();
  return parts.map((part) => {
    const key = JSON.stringify([part.name, part.isDrum ? 'drums' : part.program]);
    const count = seen.get(key) ?? 0;
    seen.set(key, count + 1);
    return `${key}${count}`;
  });
}

/** For each part of one piece its index in another one; -1 where that lacks it. */
export function samePart(from: readonly Part[], to: readonly Part[]): number[] {
  const keys = partKeys(to);
  return partKeys(from).map((key) => keys.indexOf(key));
}
