/** The mixer: a strip a part. Strips of parts that a new version shares with the old one stay as they are. */

import { partKeys } from '../music/parts';
import type { Part } from '../music/piece';
import type { Strip } from '../sound/contract';

/** The strips of the parts of the piece that is shown. */
export class Mixer {
  /** By index of the part. */
  strips = $state<Strip[]>([]);
  /** Called when strips changed; set by the studio. */
  changed: () => void = () => undefined;
  private keys: string[] = [];

  /** Sets strips up for the parts of a piece; `isSame`: of another version of the same piece. */
  setUp(parts: readonly Part[], isSame: boolean): void {
    const old = new Map(this.keys.map((name, index) => [name, this.strips[index]]));
    const keys = partKeys(parts);
    this.strips = parts.map((part, index) => {
      const before = isSame ? old.get(keys[index] ?? '') : undefined;
      return before ? { ...before } : { isMuted: false, isSolo: false, volume: 1, pan: 0, program: part.program };
    });
    this.keys = keys;
  }

  /** Mutes a part, or lets it sound again. */
  toggleMute(part: number): void {
    this.set(part, { isMuted: !this.strips[part]?.isMuted });
  }

  /** Lets only the parts sound that are solo; while there is none, all do. */
  toggleSolo(part: number): void {
    this.set(part, { isSolo: !this.strips[part]?.isSolo });
  }

  /** Changes a strip: volume 0 to 1, pan -1 to 1, program 0 to 127. */
  set(part: number, change: Partial<Strip>): void {
    const strip = this.strips[part];
    if (!strip) return;
    Object.assign(strip, change);
    this.changed();
  }

  /** Whether a part is heard: not muted, and solo if any is. */
  isHeard(part: number): boolean {
    const strip = this.strips[part];
    if (!strip || strip.isMuted) return false;
    return strip.isSolo || !this.strips.some((each) => each.isSolo);
  }
}
