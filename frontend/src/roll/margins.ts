/** Draws what stands at the edges of the stage: the ruler with bars, chords and marks, and the keyboard. */

import type { Chord, Key } from '../music/piece';
import type { Timing } from '../music/timing';
import { chordWords } from '../views/words';
import { isBlack } from './backdrop';
import { drumAt, length, pitchAt, pixelOf, visible, type Box, type Layout, type View } from './geometry';
import type { Look } from './look';

/** What the ruler shows. */
export interface RulerContent {
  timing: Timing;
  chords: readonly Chord[];
  /** By which chords are spelled. */
  key: Key | null;
  /** Whether bars mean anything; else it counts seconds. */
  hasGrid: boolean;
  marks: { first: number; last: number } | null;
  loop: { first: number; last: number } | null;
}

/** A label beside a place of the time axis. */
interface Label {
  tick: number;
  text: string;
}

/** Room that a label takes at least, in pixels. */
const LABEL_ROOM = 40;

/** Numbers of bars, or seconds, that leave each other room. */
export function labelsOf(content: RulerContent, from: number, to: number, scale: number): Label[] {
  const { timing, hasGrid } = content;
  const labels: Label[] = [];
  if (!hasGrid) {
    const perSecond = (timing.tick(timing.seconds(from) + 1) - from) * scale;
    const step = [1, 2, 5, 10, 30, 60, 300].find((each) => each * perSecond >= LABEL_ROOM) ?? 600;
    const last = timing.seconds(Math.min(to, timing.end));
    for (let at = Math.ceil(timing.seconds(Math.max(0, from)) / step) * step; at <= last; at += step) {
      labels.push({ tick: timing.tick(at), text: `${Math.floor(at / 60)}:${String(at % 60).padStart(2, '0')}` });
    }
    return labels;
  }
  const first = timing.barAt(Math.max(0, from));
  const width = (first.end - first.start) * scale;
  const step = [1, 2, 4, 8, 16, 32, 64].find((each) => each * width >= LABEL_ROOM) ?? 128;
  for (let bar = first; bar.start < Math.min(to, timing.end); bar = timing.bar(bar.number + 1)) {
    if ((bar.number - 1) % step === 0) labels.push({ tick: bar.start, text: String(bar.number) });
  }
  return labels;
}

/** The stretch of ticks of bars, the last one included. */
export function ticksOf(timing: Timing, bars: { first: number; last: number }): [number, number] {
  return [timing.bar(bars.first).start, timing.bar(bars.last).end];
}

/** Draws the ruler. */
export function drawRuler(
  ctx: CanvasRenderingContext2D,
  layout: Layout,
  view: View,
  look: Look,
  content: RulerContent,
): void {
  const { ruler } = layout;
  const isRoll = layout.direction === 'roll';
  ctx.fillStyle = look.stage;
  if (isRoll) ctx.fillRect(0, 0, layout.width, ruler.height);
  else ctx.fillRect(0, 0, ruler.width, layout.height);
  ctx.save();
  ctx.beginPath();
  ctx.rect(ruler.x, ruler.y, ruler.width, ruler.height);
  ctx.clip();
  if (content.marks) drawStretch(ctx, layout, view, content.timing, content.marks, look.lines.mark, 0);
  if (content.loop) drawStretch(ctx, layout, view, content.timing, content.loop, look.ink, 3);
  const [from, to] = visible(layout, view);
  const numberAt = isRoll ? ruler.height - 15 : 6;
  ctx.textBaseline = isRoll ? 'middle' : 'bottom';
  ctx.fillStyle = look.lines.label;
  ctx.font = `450 12px ${look.font}`;
  for (const { tick, text } of labelsOf(content, from - LABEL_ROOM / view.scale, to, view.scale)) {
    const at = pixelOf(layout, view, tick);
    if (isRoll) ctx.fillText(text, at + 6, numberAt);
    else ctx.fillText(text, numberAt, at - 4);
  }
  ctx.fillStyle = look.ink;
  ctx.font = `600 13px ${look.font}`;
  let free = -Infinity;
  for (const { onset, name } of content.chords) {
    const along = (onset - view.start) * view.scale;
    if (!name || along < -80 || along > length(layout) || along < free) continue;
    const at = pixelOf(layout, view, onset);
    const words = chordWords(name, content.key);
    if (isRoll) ctx.fillText(words, at + 6, 15);
    else ctx.fillText(words, 6, at - 20);
    free = along + (isRoll ? ctx.measureText(words).width + 10 : 34);
  }
  ctx.restore();
}

function drawStretch(
  ctx: CanvasRenderingContext2D,
  layout: Layout,
  view: View,
  timing: Timing,
  bars: { first: number; last: number },
  color: string,
  thickness: number,
): void {
  const [start, end] = ticksOf(timing, bars).map((tick) => pixelOf(layout, view, tick)) as [number, number];
  const { ruler } = layout;
  ctx.fillStyle = color;
  if (layout.direction === 'roll') {
    const height = thickness || ruler.height - 3;
    ctx.fillRect(start, ruler.height - height, end - start, height);
  } else {
    const width = thickness || ruler.width - 3;
    ctx.fillRect(ruler.width - width, end, width, start - end);
  }
}

/** Draws the keyboard with the keys that sound pressed, in the color of their part. */
export function drawKeys(
  ctx: CanvasRenderingContext2D,
  layout: Layout,
  look: Look,
  pressed: ReadonlyMap<number, string>,
): void {
  const isRoll = layout.direction === 'roll';
  const { keys } = layout;
  ctx.fillStyle = look.stage;
  if (isRoll) ctx.fillRect(0, keys.y, keys.width, layout.height - keys.y);
  else ctx.fillRect(0, keys.y, layout.width, keys.height);
  const box = (at: number, depth: number): Box =>
    isRoll
      ? { x: keys.width - depth - 1, y: at, width: depth, height: layout.lane }
      : { x: at, y: keys.y + 1, width: layout.lane, height: depth };
  const full = (isRoll ? keys.width : keys.height) - 1;
  for (let row = 0; row < layout.rows && keys.width > 0 && keys.height > 0; row += 1) {
    const pitch = layout.low + row;
    const key = box(pitchAt(layout, pitch), isBlack(pitch) ? full * 0.62 : full);
    const color = pressed.get(pitch);
    if (color || isBlack(pitch)) {
      ctx.fillStyle = color ?? look.lines.black;
      ctx.fillRect(key.x, key.y + 0.5, key.width, key.height - (isRoll ? 1 : 0));
    }
    if (isBlack(pitch)) {
      // Two white keys meet below the middle of a black one.
      ctx.fillStyle = look.lines.octave;
      const middle = layout.lane / 2 - 0.5;
      if (isRoll) ctx.fillRect(0, key.y + middle, full * 0.38, 1);
      else ctx.fillRect(key.x + middle, keys.y + full * 0.62, 1, full * 0.38);
    }
    if (pitch % 12 === 0 || pitch % 12 === 5) {
      // The lines between B and C, and between E and F, where two white keys meet.
      ctx.fillStyle = look.lines.bar;
      if (isRoll) ctx.fillRect(0, key.y + layout.lane - 0.5, keys.width, 1);
      else ctx.fillRect(key.x - 0.5, keys.y, 1, keys.height);
    }
  }
  drawNames(ctx, layout, look, pressed);
}

function drawNames(
  ctx: CanvasRenderingContext2D,
  layout: Layout,
  look: Look,
  pressed: ReadonlyMap<number, string>,
): void {
  const isRoll = layout.direction === 'roll';
  const { keys, lanes } = layout;
  ctx.font = `450 11px ${look.font}`;
  ctx.textBaseline = 'middle';
  if (keys.width > 40 || !isRoll) {
    for (let pitch = Math.ceil(layout.low / 12) * 12; pitch < layout.low + layout.rows; pitch += 12) {
      const at = pitchAt(layout, pitch) + layout.lane / 2;
      ctx.fillStyle = pressed.has(pitch) ? look.stage : look.lines.label;
      const name = `C${pitch / 12 - 1}`;
      if (!isRoll) ctx.textAlign = 'center';
      if (isRoll && layout.lane >= 6) ctx.fillText(name, 7, at + 0.5);
      else if (!isRoll && layout.lane >= 9) ctx.fillText(name, at, keys.y + keys.height - 12);
      ctx.textAlign = 'start';
    }
  }
  ctx.fillStyle = look.lines.label;
  lanes.drums.forEach(({ name }, row) => {
    const at = drumAt(layout, row) + layout.drumLane / 2;
    if (isRoll && layout.drumLane >= 10) {
      ctx.fillText(keys.width > 40 ? name : name.slice(0, 1), 7, at);
    } else if (!isRoll) {
      ctx.save();
      ctx.translate(at, keys.y + 10);
      ctx.rotate(Math.PI / 2);
      ctx.fillText(name, 0, 0);
      ctx.restore();
    }
  });
}
