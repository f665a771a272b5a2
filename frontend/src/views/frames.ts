/** One loop of animation frames for all that moves with the music. */

export type Frame = (now: number) => void;

/** Calls functions for every frame, as long as the page is shown. */
export class Frames {
  private readonly each = new Set<Frame>();
  private handle = 0;

  /** Calls a function for every frame; returns what ends that. Of use as the body of an effect. */
  every(frame: Frame): () => void {
    this.each.add(frame);
    if (!this.handle) this.handle = requestAnimationFrame(this.run);
    return () => {
      this.each.delete(frame);
      if (this.each.size) return;
      cancelAnimationFrame(this.handle);
      this.handle = 0;
    };
  }

  private readonly run = (now: number): void => {
    this.handle = requestAnimationFrame(this.run);
    for (const frame of this.each) frame(now);
  };
}
