/** Pictures of stretches of the music, which are drawn once and then only moved. */

import { length, type Layout, type View } from './geometry';

/** Length of a tile along the time axis in CSS pixels. */
export const TILE = 480;

/** Paints a stretch: with this view, ticks `from` to `to` fill the context as they would fill the stage. */
export type Paint = (ctx: CanvasRenderingContext2D, view: View, from: number, to: number) => void;

/** The tiles of a layout and a scale; others are forgotten. */
export class Tiles {
  private readonly pictures = new Map<number, HTMLCanvasElement>();
  private readonly spare: HTMLCanvasElement[] = [];
  private scale = 0;
  private layout: Layout | null = null;
  private density = 1;

  /** Forgets everything: colors, sizes or the piece changed. */
  clear(): void {
    this.spare.push(...this.pictures.values());
    this.pictures.clear();
  }

  /** Forgets what shows any of the ticks from `from` to `to`. */
  forget(from: number, to: number): void {
    // Halos and hits of drums reach a few pixels beyond their ticks.
    const first = Math.floor((from * this.scale - 12) / TILE);
    const last = Math.floor((to * this.scale + 12) / TILE);
    for (const index of [...this.pictures.keys()]) if (index >= first && index <= last) this.drop(index);
  }

  /** Draws the stage from its tiles, painting those that are not there yet. */
  draw(ctx: CanvasRenderingContext2D, layout: Layout, view: View, density: number, paint: Paint): void {
    if (layout !== this.layout || view.scale !== this.scale || density !== this.density) {
      this.clear();
      if (layout !== this.layout || density !== this.density) this.spare.length = 0;
      [this.layout, this.scale, this.density] = [layout, view.scale, density];
    }
    const begin = view.start * view.scale;
    const first = Math.floor(begin / TILE);
    const last = Math.floor((begin + length(layout)) / TILE);
    for (const index of [...this.pictures.keys()]) if (index < first - 2 || index > last + 2) this.drop(index);
    const isRoll = layout.direction === 'roll';
    for (let index = first; index <= last; index += 1) {
      const picture = this.pictures.get(index) ?? this.painted(index, paint);
      const along = Math.round((index * TILE - begin) * density) / density;
      const [width, height] = sizeOf(layout);
      if (isRoll) ctx.drawImage(picture, layout.body.x + along, layout.body.y, width, height);
      else ctx.drawImage(picture, layout.body.x, length(layout) - along - TILE, width, height);
    }
  }

  private painted(index: number, paint: Paint): HTMLCanvasElement {
    const layout = this.layout as Layout;
    const [width, height] = sizeOf(layout);
    const picture = this.spare.pop() ?? document.createElement('canvas');
    picture.width = Math.ceil(width * this.density);
    picture.height = Math.ceil(height * this.density);
    const ctx = picture.getContext('2d');
    if (ctx) {
      ctx.scale(this.density, this.density);
      if (layout.direction === 'roll') ctx.translate(-layout.body.x, -layout.body.y);
      else ctx.translate(-layout.body.x, TILE - length(layout));
      const view = { start: (index * TILE) / this.scale, scale: this.scale };
      paint(ctx, view, (index * TILE - 12) / this.scale, ((index + 1) * TILE + 12) / this.scale);
    }
    this.pictures.set(index, picture);
    return picture;
  }

  private drop(index: number): void {
    const picture = this.pictures.get(index);
    if (picture) this.spare.push(picture);
    this.pictures.delete(index);
  }
}

function sizeOf(layout: Layout): [number, number] {
  return layout.direction === 'roll' ? [TILE, layout.height - layout.body.y] : [layout.width - layout.body.x, TILE];
}
