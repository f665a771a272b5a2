/** The color of each part of the piece that is shown. */

import type { Part } from '../music/piece';
import { colorOf, slotsOf, type Slot } from '../roll/palette';
import type { Studio } from '../state/studio.svelte';
import type { Device } from './device.svelte';

/** Colors of parts; an instrument keeps its color while pieces change. */
export class Colors {
  /** By index of the part. */
  readonly slots: readonly Slot[] = $derived.by(() => {
    const { slots, byName } = slotsOf(this.studio.head?.parts ?? [], this.names);
    this.names = byName;
    return slots;
  });
  private names: ReadonlyMap<string, Slot> = new Map();

  constructor(
    private readonly studio: Studio,
    private readonly device: Device,
  ) {}

  /** The color of a part, by its index. */
  of(part: number): string {
    return colorOf(this.slots[part] ?? 0, this.device.scheme);
  }

  /** The color of an instrument if the piece has it; else null. */
  named(name: string): string | null {
    const index = this.studio.head?.parts.findIndex((part) => part.name === name) ?? -1;
    return index < 0 ? null : this.of(index);
  }

  /** Colors of the parts of another piece, such as one of the library. */
  forParts(parts: readonly Part[]): string[] {
    return slotsOf(parts, this.slots.length ? this.names : undefined).slots.map((slot) =>
      colorOf(slot, this.device.scheme),
    );
  }
}
