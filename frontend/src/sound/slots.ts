/** Which part of a piece sounds in which slot of the synthesizer: a part that versions share stays in its own. */

import { partKeys } from '../music/parts';
import type { Part } from '../music/piece';
import type { Strip, Synthesizer, Voice } from './contract';

/** Slots of drums begin here; pitched instruments have those below. */
export const FIRST_DRUM_SLOT = 1000;
/** What is played by hand, and the metronome, have slots of their own. */
export const HAND_SLOT = 900;
export const METRONOME_SLOT = 1900;

/** The slots of the parts that play. */
export class Slots {
  private byKey = new Map<string, number>();
  private wanted = new Map<number, Voice>();
  private told = new Map<number, string>();
  /** Slots that a new part has taken, whatever they were set to before. */
  private fresh = new Set<number>();

  /** The slot of each part; `isVersion`: parts of the piece before stay in theirs, as they were set. */
  assign(parts: readonly Part[], isVersion: boolean): number[] {
    const before = this.byKey;
    const keys = partKeys(parts);
    const taken = new Set(isVersion ? keys.flatMap((key) => before.get(key) ?? []) : []);
    this.byKey = new Map();
    return parts.map((part, index) => {
      const key = keys[index] as string;
      const kept = isVersion ? before.get(key) : undefined;
      const slot = kept ?? firstFree(taken, part.isDrum ? FIRST_DRUM_SLOT : 0);
      taken.add(slot);
      this.byKey.set(key, slot);
      if (kept === undefined) {
        this.wanted.set(slot, { isDrum: part.isDrum, program: part.program });
        this.fresh.add(slot);
      }
      return slot;
    });
  }

  /** The slot of a part, by its key; null of one that does not play. */
  of(key: string): number | null {
    return this.byKey.get(key) ?? null;
  }

  /** Tells a synthesizer, from a time on, what has changed in the slots. */
  tell(synthesizer: Synthesizer, at: number): void {
    for (const slot of this.fresh) {
      this.voice(synthesizer, slot, this.wanted.get(slot) as Voice, at);
      synthesizer.mix(slot, 1, 0);
    }
    this.fresh.clear();
  }

  /** Sets the slots of parts as the strips of a mixer say. */
  mix(synthesizer: Synthesizer, parts: readonly Part[], strips: readonly Strip[]): void {
    const isAnySolo = strips.some((strip) => strip.isSolo);
    partKeys(parts).forEach((key, index) => {
      const slot = this.byKey.get(key);
      const strip = strips[index];
      if (slot === undefined || !strip) return;
      this.voice(synthesizer, slot, { isDrum: parts[index]?.isDrum ?? false, program: strip.program }, 0);
      const isHeard = !strip.isMuted && (strip.isSolo || !isAnySolo);
      synthesizer.mix(slot, isHeard ? strip.volume : 0, strip.pan);
    });
  }

  private voice(synthesizer: Synthesizer, slot: number, voice: Voice, at: number): void {
    const words = JSON.stringify(voice);
    if (this.told.get(slot) === words) return;
    this.told.set(slot, words);
    synthesizer.assign(slot, voice, at);
  }
}

function firstFree(taken: ReadonlySet<number>, from: number): number {
  let slot = from;
  while (taken.has(slot)) slot++;
  return slot;
}
