/** Which synthesizer and which of its sixteen channels a slot has. */

/** A channel of one of the synthesizers, both counted from 0. */
export interface Place {
  synthesizer: number;
  channel: number;
}

const CHANNELS = 16;
/** The channel that is percussion from the start; others can be set to be. */
export const PERCUSSION = 9;

/**
 * Gives each slot a channel of its own. Channels beyond the sixteen of a synthesizer are silent, so there are more
 * synthesizers; a channel that was given to drums stays percussion.
 */
export class Channels {
  private readonly places = new Map<number, Place>();
  private readonly taken = new Set<number>();

  /** The channel of a slot, given at its first use. */
  of(slot: number, isDrum: boolean): Place {
    const found = this.places.get(slot);
    if (found) return found;
    let number = isDrum && !this.taken.has(PERCUSSION) ? PERCUSSION : 0;
    while (this.taken.has(number) || (!isDrum && number % CHANNELS === PERCUSSION)) number++;
    this.taken.add(number);
    const place = { synthesizer: Math.floor(number / CHANNELS), channel: number % CHANNELS };
    this.places.set(slot, place);
    return place;
  }

  /** The channel of a slot that has one. */
  get(slot: number): Place | null {
    return this.places.get(slot) ?? null;
  }
}
