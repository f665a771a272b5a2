/** Draws what lies under the notes: rows of the key's degrees, rows of drums, beats and bars. */

import type { Key } from '../music/piece';
import type { Timing } from '../music/timing';
import { drumAt, length, pitchAt, pixelOf, type Layout, type View } from './geometry';
import type { Look } from './look';

const BLACK = new Set([1, 3, 6, 8, 10]);
/** Lines nearer to each other than this are left out. */
const LEAST_BEAT = 13;
const LEAST_BAR = 7;

/** Whether a pitch is one of a black key. */
export function isBlack(pitch: number): boolean {
  return BLACK.has(((pitch % 12) + 12) % 12);
}

/** Fills a stretch of the time axis, across pitches or drums. */
type Fill = (across: number, thickness: number, color: string) => void;

/** Draws rows over the first `size` pixels of the time axis. */
export function drawRows(
  ctx: CanvasRenderingContext2D,
  layout: Layout,
  look: Look,
  key: Key | null,
  size: number,
): void {
  const isRoll = layout.direction === 'roll';
  const fill: Fill = (across, thickness, color) => {
    ctx.fillStyle = color;
    if (isRoll) ctx.fillRect(layout.body.x, across, size, thickness);
    else ctx.fillRect(across, length(layout) - size, thickness, size);
  };
  const degrees = key ? new Set(key.scale) : null;
  for (let row = 0; row < layout.rows && layout.body.width > 0 && layout.body.height > 0; row += 1) {
    const pitch = layout.low + row;
    const degree = pitch % 12;
    const isShaded = degrees ? !degrees.has(degree) : isBlack(pitch);
    const at = pitchAt(layout, pitch);
    if (isShaded) fill(at, layout.lane, look.lines.row);
    if (degree === (key?.tonic ?? 0))
      fill(isRoll ? at + layout.lane - 1 : at, 1, key ? look.lines.tonic : look.lines.octave);
  }
  layout.lanes.drums.forEach((_, row) => {
    if (row % 2 === 0) fill(drumAt(layout, row), layout.drumLane, look.lines.row);
  });
}

/** Draws beats and bars between two ticks. */
export function drawBars(
  ctx: CanvasRenderingContext2D,
  layout: Layout,
  view: View,
  look: Look,
  timing: Timing,
  range: { from: number; to: number },
): void {
  const line = (tick: number, color: string) => {
    ctx.fillStyle = color;
    const at = Math.round(pixelOf(layout, view, tick));
    if (layout.direction === 'roll') ctx.fillRect(at, layout.body.y, 1, layout.height - layout.body.y);
    else ctx.fillRect(layout.body.x, at, layout.width - layout.body.x, 1);
  };
  const last = Math.min(range.to, timing.end);
  for (let bar = timing.barAt(Math.max(0, range.from)); bar.start <= last; bar = timing.bar(bar.number + 1)) {
    const beat = timing.beat(bar.start);
    if (beat * view.scale >= LEAST_BEAT) {
      for (let tick = bar.start + beat; tick < bar.end; tick += beat) line(tick, look.lines.beat);
    }
    const group = (bar.end - bar.start) * view.scale >= LEAST_BAR ? 1 : 8;
    if ((bar.number - 1) % group === 0 || bar.start === timing.end) line(bar.start, look.lines.bar);
  }
}
