/** Draws notes. */

import type { Note, Piece } from '../music/piece';
import { boxOf, type Box, type Layout, type View } from './geometry';
import { shadeOf, type Look } from './look';

const FAINT = 0.16;

/** The body of a note in its lane. Notes that were given are slimmer than new ones. */
export function shapeOf(layout: Layout, view: View, note: Note, isDrum: boolean): Box {
  const box = boxOf(layout, view, note, isDrum);
  const isRoll = layout.direction === 'roll';
  const size = isRoll ? box.height : box.width;
  const full = isDrum ? Math.min(size * 0.72, 11) : Math.max(2, size - 1);
  const slim = note.given ? Math.max(2, full * 0.62) : full;
  const inset = (size - slim) / 2;
  const long = isRoll ? box.width : box.height;
  const gap = !isDrum && long > 4 ? 1 : 0;
  return isRoll
    ? { x: box.x, y: box.y + inset, width: long - gap, height: slim }
    : { x: box.x + inset, y: box.y + gap, width: slim, height: long - gap };
}

function fill(ctx: CanvasRenderingContext2D, box: Box): void {
  if (box.width < 4 || box.height < 4) {
    ctx.fillRect(box.x, box.y, box.width, box.height);
    return;
  }
  ctx.beginPath();
  ctx.roundRect(box.x, box.y, box.width, box.height, Math.min(3, box.width / 3, box.height / 3));
  ctx.fill();
}

/** Draws notes, the longest first, so that the shortest lie on top. */
export function drawNotes(ctx: CanvasRenderingContext2D, layout: Layout, view: View, look: Look, notes: Note[]): void {
  for (const note of notes.sort((a, b) => b.duration - a.duration)) drawNote(ctx, layout, view, look, note, 1);
  ctx.globalAlpha = 1;
}

/** Draws one note, so far visible; sets the context's alpha. */
export function drawNote(
  ctx: CanvasRenderingContext2D,
  layout: Layout,
  view: View,
  look: Look,
  note: Note,
  visible: number,
): void {
  ctx.globalAlpha = visible * (look.isHeard[note.part] === false ? FAINT : 1);
  ctx.fillStyle = shadeOf(look, note);
  fill(ctx, shapeOf(layout, view, note, look.isDrum[note.part] ?? false));
}

/** Draws notes that sound: in their pure color, with a halo. */
export function drawSounding(
  ctx: CanvasRenderingContext2D,
  layout: Layout,
  view: View,
  look: Look,
  notes: Note[],
): void {
  ctx.save();
  for (const note of notes) {
    if (look.isHeard[note.part] === false) continue;
    const color = look.colors[note.part] ?? look.ink;
    const box = shapeOf(layout, view, note, look.isDrum[note.part] ?? false);
    ctx.fillStyle = color;
    ctx.globalAlpha = 0.22;
    fill(ctx, { x: box.x - 3, y: box.y - 3, width: box.width + 6, height: box.height + 6 });
    ctx.globalAlpha = 1;
    fill(ctx, { x: box.x - 0.5, y: box.y - 0.5, width: box.width + 1, height: box.height + 1 });
  }
  ctx.restore();
}

/** Draws the notes of a piece into a canvas of a size in CSS pixels; drums lie along the bottom. */
export function drawMiniature(
  canvas: HTMLCanvasElement,
  piece: Piece,
  colors: readonly string[],
  width: number,
  height: number,
  density: number,
): void {
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const ctx = canvas.getContext('2d');
  if (!ctx || !piece.notes.length) return;
  ctx.scale(density, density);
  const { parts, end } = piece.head;
  const pitched = piece.notes.filter(({ part }) => !parts[part]?.isDrum).map(({ pitch }) => pitch);
  const [low, high] = pitched.reduce(([a, b], pitch) => [Math.min(a, pitch), Math.max(b, pitch)], [127, 0]);
  const room = pitched.length < piece.notes.length ? height - 4 : height;
  const row = room / Math.max(12, high - low + 1);
  const scale = width / Math.max(1, end);
  for (const { part, onset, duration, pitch } of piece.notes) {
    const isDrum = parts[part]?.isDrum;
    ctx.fillStyle = colors[part] ?? '#888888';
    const y = isDrum ? height - 2 : room - (pitch - low + 1) * row;
    ctx.fillRect(onset * scale, y, isDrum ? 1 : Math.max(1, duration * scale), isDrum ? 2 : Math.max(1.5, row));
  }
}
