/** How strongly each slot sounds at a moment, by what was told to it: for the glow of cards, no measure of loudness. */

interface Stroke {
  at: number;
  slot: number;
  pitch: number;
  /** 0: the key is released. */
  velocity: number;
}

interface Light {
  held: Set<number>;
  strength: number;
  struckAt: number;
  releasedAt: number;
}

/** Seconds in which the light of a struck key falls to what it keeps, and of a released one dies away. */
const [FALL, DIE] = [0.35, 0.18];
const KEPT = 0.4;

/** The lights. */
export class Glow {
  private coming: Stroke[] = [];
  private readonly lights = new Map<number, Light>();

  /** A key is struck, or with velocity 0 released, at a time. */
  take(slot: number, pitch: number, velocity: number, at: number): void {
    this.coming.push({ slot, pitch, velocity, at });
  }

  /** Forgets what is coming, and lets everything go out. */
  clear(now: number): void {
    this.coming = [];
    for (const light of this.lights.values()) {
      if (light.held.size > 0) light.releasedAt = now;
      light.held.clear();
    }
  }

  /** 0 to 1 at a time, which does not go back. */
  level(slot: number, now: number): number {
    this.pass(now);
    const light = this.lights.get(slot);
    if (!light) return 0;
    const struck = KEPT + (1 - KEPT) * Math.exp(-(now - light.struckAt) / FALL);
    const left = light.held.size > 0 ? 1 : Math.exp(-(now - light.releasedAt) / DIE);
    return light.strength * struck * left;
  }

  private pass(now: number): void {
    if (!this.coming.some((stroke) => stroke.at <= now)) return;
    const due = this.coming.filter((stroke) => stroke.at <= now).sort((a, b) => a.at - b.at);
    this.coming = this.coming.filter((stroke) => stroke.at > now);
    for (const { slot, pitch, velocity, at } of due) {
      const light = this.lights.get(slot) ?? { held: new Set<number>(), strength: 0, struckAt: 0, releasedAt: 0 };
      this.lights.set(slot, light);
      if (velocity > 0) {
        light.held.add(pitch);
        light.strength = velocity / 127;
        light.struckAt = at;
      } else if (light.held.delete(pitch)) light.releasedAt = at;
    }
  }
}
