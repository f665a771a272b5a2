/**
 * The colors of the studio: one for each part, wherever the part appears. Nothing else in the page has a hue.
 *
 * The twelve were chosen by annealing over the distances between all pairs in OKLab, as seen with normal sight and with
 * protanopia, deuteranopia and tritanopia (simulated after Machado, Oliveira and Fernandes, 2009), at a contrast to the
 * stage of 3:1 by day and 4.5:1 by night; the first are the farthest apart. tests/roll/palette.test.ts holds the bounds.
 */

export type Scheme = 'light' | 'dark';

/** Colors of parts by slot. */
export const PART_COLORS: Record<Scheme, readonly string[]> = {
  light: '#3260c8 #d25907 #0b927f #d967aa #5d2694 #959254 #1399d4 #af2930 #106306 #6b0146 #593804 #162671'.split(' '),
  dark: '#58a3ff #ffa360 #2ae1b0 #f8b5e7 #9f76b7 #e5ef6b #b6e9ff #ef726b #50a547 #ca5581 #aa7702 #5d78dc'.split(' '),
};

/** Drums are slate: they have a lane of their own, and need no hue. */
export const DRUM_COLOR: Record<Scheme, string> = { light: '#6a6f7a', dark: '#a2a8b4' };

/** What the stage is drawn with; the same as --stage and --ink in app.css. */
export const INKS: Record<Scheme, { stage: string; ink: string }> = {
  light: { stage: '#f8f8f9', ink: '#1b1c20' },
  dark: { stage: '#131417', ink: '#ececef' },
};

/** Slot of a part's color: an index of PART_COLORS, or 'drums'. */
export type Slot = number | 'drums';

/** The color of a slot; slots beyond the last begin again. */
export function colorOf(slot: Slot, scheme: Scheme): string {
  if (slot === 'drums') return DRUM_COLOR[scheme];
  const colors = PART_COLORS[scheme];
  return colors[slot % colors.length] as string;
}

/**
 * Gives each part of a piece its slot. A part that was there before, by name, keeps its slot; a new one takes the first
 * that is free, so that a color stays with its instrument while a piece is steered.
 */
export function slotsOf(
  parts: readonly { name: string; isDrum: boolean }[],
  before: ReadonlyMap<string, Slot> = new Map(),
): { slots: Slot[]; byName: Map<string, Slot> } {
  const names = namesOf(parts);
  const byName = new Map<string, Slot>();
  for (const [index, part] of parts.entries()) {
    const old = before.get(names[index] as string);
    if (part.isDrum) byName.set(names[index] as string, 'drums');
    else if (typeof old === 'number') byName.set(names[index] as string, old);
  }
  const taken = new Set(byName.values());
  let next = 0;
  for (const name of names) {
    if (byName.has(name)) continue;
    while (taken.has(next)) next += 1;
    byName.set(name, next);
    taken.add(next);
  }
  return { slots: names.map((name) => byName.get(name) as Slot), byName };
}

/** Names that tell parts apart: the second of a name is numbered. */
export function namesOf(parts: readonly { name: string }[]): string[] {
  const seen = new Map<string, number>();
  return parts.map(({ name }) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} ${count}`;
  });
}

/** Mixes two colors (#rrggbb): 0 gives the first, 1 the second. */
export function mix(from: string, to: string, share: number): string {
  const channels = [1, 3, 5].map((at) => {
    const a = parseInt(from.slice(at, at + 2), 16);
    const b = parseInt(to.slice(at, at + 2), 16);
    return Math.round(a + (b - a) * share)
      .toString(16)
      .padStart(2, '0');
  });
  return `#${channels.join('')}`;
}

/** How many steps of lightness velocities are drawn in. */
export const VELOCITY_STEPS = 6;

/** The step of a velocity of 1 to 127, from 0, the softest. */
export function velocityStep(velocity: number): number {
  return Math.min(VELOCITY_STEPS - 1, Math.max(0, Math.floor(((velocity - 20) / 108) * VELOCITY_STEPS)));
}

/** A part's color for each step of velocity: soft notes nearer to the stage. */
export function shadesOf(color: string, stage: string): string[] {
  return Array.from({ length: VELOCITY_STEPS }, (_, step) =>
    mix(color, stage, 0.45 * (1 - step / (VELOCITY_STEPS - 1))),
  );
}
