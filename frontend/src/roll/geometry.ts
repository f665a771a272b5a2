/**
 * Where things are on the stage, in CSS pixels. Time runs along one axis and pitch across it: in the roll time runs
 * right and pitch up, in the falling view time comes down onto a keyboard and pitch runs right. Everything here is pure.
 */

import type { Note, Part } from '../music/piece';

export type Direction = 'roll' | 'falling';

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Pitches and drums that need room. */
export interface Lanes {
  low: number;
  high: number;
  drums: DrumRow[];
  hasPitches: boolean;
}

/** How the stage is divided. */
export interface Layout {
  direction: Direction;
  width: number;
  height: number;
  /** Bars, chords and marks, along the time axis. */
  ruler: Box;
  /** The keyboard, across it. */
  keys: Box;
  /** Pitched notes. */
  body: Box;
  /** Drums; without size where there are none. */
  drums: Box;
  lanes: Lanes;
  /** Lowest pitch that is shown, and how many are. */
  low: number;
  rows: number;
  /** Pixels a semitone, and a row of drums. */
  lane: number;
  drumLane: number;
}

/** What part of the music is shown: the tick where the time axis begins, and pixels a tick. */
export interface View {
  start: number;
  scale: number;
}

/** Bounds of the scale. */
export interface Limits {
  least: number;
  most: number;
}

const LEAST_ROWS = 24;
const LARGEST_LANE = 18;
const DRUM_GAP = 12;

/** The lanes that notes need. */
export function lanesOf(parts: readonly Part[], notes: readonly Note[]): Lanes {
  let low = Infinity;
  let high = -Infinity;
  const drums = new Set<number>();
  for (const { part, pitch } of notes) {
    if (parts[part]?.isDrum) drums.add(pitch);
    else {
      low = Math.min(low, pitch);
      high = Math.max(high, pitch);
    }
  }
  const hasPitches = high >= low || parts.some((part) => !part.isDrum) || !parts.length;
  if (high < low) [low, high] = [55, 79];
  // Where drums are announced but none has sounded yet, their lane is there already.
  const announced = !drums.size && parts.some((part) => part.isDrum) ? [36, 38, 42] : [];
  return { low, high, drums: drumRows([...drums, ...announced]), hasPitches };
}

/** The lanes that two need together: of a piece that grows, so that what is drawn moves seldom. */
export function joined(a: Lanes, b: Lanes): Lanes {
  const drums = [...a.drums, ...b.drums].flatMap((row) => [...row.pitches]);
  return {
    low: Math.min(a.low, b.low),
    high: Math.max(a.high, b.high),
    drums: drumRows(drums),
    hasPitches: a.hasPitches || b.hasPitches,
  };
}

/** Whether two pieces need the same lanes. */
export function sameLanes(a: Lanes, b: Lanes): boolean {
  const names = (lanes: Lanes) => lanes.drums.map((row) => row.name).join();
  return a.low === b.low && a.high === b.high && a.hasPitches === b.hasPitches && names(a) === names(b);
}

/** Divides a stage of a size. */
export function layoutOf(direction: Direction, width: number, height: number, lanes: Lanes): Layout {
  const isRoll = direction === 'roll';
  const isSmall = Math.min(width, height) < 480 || width < 600;
  const rulerSize = isRoll ? 46 : isSmall ? 46 : 56;
  const keysSize = isRoll ? (isSmall ? 28 : 56) : isSmall ? 64 : 96;
  const across = Math.max(1, (isRoll ? height : width) - rulerSize);
  const along = Math.max(1, (isRoll ? width : height) - keysSize);
  const { pitched, drummed, drumLane } = shares(across, lanes, isRoll ? 20 : 44);
  const least = Math.max(lanes.high - lanes.low + 4, LEAST_ROWS);
  const rows = Math.max(least, Math.ceil(pitched / LARGEST_LANE));
  const low = Math.max(0, Math.min(127 - rows, Math.round((lanes.low + lanes.high + 1 - rows) / 2)));
  const common = { direction, width, height, lanes, low, rows, lane: pitched / rows, drumLane };
  if (isRoll) {
    return {
      ...common,
      ruler: { x: keysSize, y: 0, width: along, height: rulerSize },
      keys: { x: 0, y: rulerSize, width: keysSize, height: pitched },
      body: { x: keysSize, y: rulerSize, width: along, height: pitched },
      drums: { x: keysSize, y: height - drummed, width: along, height: drummed },
    };
  }
  return {
    ...common,
    ruler: { x: 0, y: 0, width: rulerSize, height: along },
    keys: { x: rulerSize, y: along, width: pitched, height: keysSize },
    body: { x: rulerSize, y: 0, width: pitched, height: along },
    drums: { x: width - drummed, y: 0, width: drummed, height: along },
  };
}

/** Pixels across the time axis for pitches and for drums, and of one row of drums. */
function shares(across: number, lanes: Lanes, most: number): { pitched: number; drummed: number; drumLane: number } {
  const rows = lanes.drums.length;
  if (!rows) return { pitched: across, drummed: 0, drumLane: 0 };
  if (!lanes.hasPitches) return { pitched: 0, drummed: across, drumLane: across / rows };
  const drumLane = Math.min(most, (across * 0.3) / rows);
  return { pitched: across - drumLane * rows - DRUM_GAP, drummed: drumLane * rows, drumLane };
}

/** Length of the time axis in pixels. */
export function length(layout: Layout): number {
  return layout.direction === 'roll' ? layout.ruler.width : layout.ruler.height;
}

/** Where a tick is along the time axis: x in the roll, y in the falling view. */
export function pixelOf(layout: Layout, view: View, tick: number): number {
  const along = (tick - view.start) * view.scale;
  return layout.direction === 'roll' ? layout.body.x + along : length(layout) - along;
}

/** The tick, a fraction of one included, at a place along the time axis. */
export function tickOf(layout: Layout, view: View, pixel: number): number {
  const along = layout.direction === 'roll' ? pixel - layout.body.x : length(layout) - pixel;
  return view.start + along / view.scale;
}

/** First and last tick that are shown. */
export function visible(layout: Layout, view: View): [number, number] {
  return [view.start, view.start + length(layout) / view.scale];
}

/** Where a semitone begins across the time axis: its y in the roll, its x in the falling view. */
export function pitchAt(layout: Layout, pitch: number): number {
  const row = pitch - layout.low;
  return layout.direction === 'roll'
    ? layout.body.y + layout.body.height - (row + 1) * layout.lane
    : layout.body.x + row * layout.lane;
}

/** Where a row of drums begins across the time axis. */
export function drumAt(layout: Layout, row: number): number {
  return layout.direction === 'roll'
    ? layout.drums.y + layout.drums.height - (row + 1) * layout.drumLane
    : layout.drums.x + row * layout.drumLane;
}

/** Pixels that the hit of a drum takes along the time axis. */
export function hitLength(layout: Layout): number {
  return Math.max(3, Math.min(9, layout.drumLane * 0.5));
}

/** Where a note is drawn. The hit of a drum has one size, whatever its duration. */
export function boxOf(layout: Layout, view: View, note: Note, isDrum: boolean): Box {
  const size = isDrum ? layout.drumLane : layout.lane;
  const across = isDrum ? drumAt(layout, rowOf(layout.lanes.drums, note.pitch)) : pitchAt(layout, note.pitch);
  const along = isDrum ? hitLength(layout) : Math.max(2, note.duration * view.scale);
  const start = pixelOf(layout, view, note.onset);
  return layout.direction === 'roll'
    ? { x: start, y: across, width: along, height: size }
    : { x: across, y: start - along, width: size, height: along };
}

/** How far a piece can be zoomed: from all of it to 200 pixels a quarter note. */
export function limitsOf(layout: Layout, end: number, ticksPerQuarter: number): Limits {
  const most = 200 / ticksPerQuarter;
  return { least: Math.min(most, (length(layout) * 0.96) / Math.max(1, end)), most };
}

/** The view after zooming by a factor; what is at the pixel stays there. */
export function zoomed(layout: Layout, view: View, factor: number, pixel: number, limits: Limits): View {
  const scale = Math.min(limits.most, Math.max(limits.least, view.scale * factor));
  const anchor = tickOf(layout, view, pixel);
  return { start: anchor - ((anchor - view.start) * view.scale) / scale, scale };
}

/** The view moved so that it shows some of the piece; `lead` pixels before its first tick are allowed. */
export function clamped(layout: Layout, view: View, end: number, lead = 0): View {
  const first = -lead / view.scale;
  const last = Math.max(first, end - (length(layout) * 0.4) / view.scale);
  return { scale: view.scale, start: Math.min(last, Math.max(first, view.start)) };
}

/** Whether a point lies in a box. */
export function isIn(box: Box, x: number, y: number): boolean {
  return x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
}

/** The note under a point: of several, the shortest, which is drawn last. */
export function noteAt(
  layout: Layout,
  view: View,
  notes: Iterable<Note>,
  isDrum: (part: number) => boolean,
  point: { x: number; y: number },
): Note | null {
  let found: Note | null = null;
  for (const note of notes) {
    if (!isIn(boxOf(layout, view, note, isDrum(note.part)), point.x, point.y)) continue;
    if (!found || note.duration < found.duration) found = note;
  }
  return found;
}

/** Where the playhead stands while the music moves past it, as a share of the time axis. */
export const ANCHOR = 0.3;

/**
 * The view of the next frame. It glides to where the playhead stands at its anchor and stays with it; where motion is
 * not wanted, it turns pages instead. In the falling view the playhead is the keyboard.
 */
export function followed(
  layout: Layout,
  view: View,
  position: number,
  seconds: number,
  end: number,
  calm: boolean,
): View {
  if (layout.direction === 'falling') return { ...view, start: position };
  const shown = length(layout) / view.scale;
  if (calm) {
    const [first, last] = visible(layout, view);
    if (position >= first && position < last - shown * 0.04) return view;
    return clamped(layout, { ...view, start: position - shown * 0.05 }, end);
  }
  const target = clamped(layout, { ...view, start: position - shown * ANCHOR }, end).start;
  const gap = target - view.start;
  // Within a pixel it holds on; farther off it closes most of the gap in a third of a second.
  const share = Math.abs(gap) * view.scale < 1 ? 1 : 1 - Math.exp(-seconds / 0.12);
  return { ...view, start: view.start + gap * share };
}

/** A row of the drum lane: drums of one kind share it. */
export interface DrumRow {
  name: string;
  pitches: ReadonlySet<number>;
}

/** Kinds of drums in the order of a drummer's staff, from the lowest. */
const KINDS: readonly (readonly [string, readonly number[]])[] = [
  ['Kick', [35, 36]],
  ['Snare', [37, 38, 39, 40]],
  ['Toms', [41, 43, 45, 47, 48, 50]],
  ['Hi-hat', [42, 44, 46]],
  ['Ride', [51, 53, 59]],
  ['Crash', [49, 52, 55, 57]],
];

/** The rows that these pitches of drums need, from the lowest; what is no part of a drum set is percussion. */
export function drumRows(pitches: Iterable<number>): DrumRow[] {
  const all = new Set(pitches);
  const rows: DrumRow[] = [];
  for (const [name, kind] of KINDS) {
    const here = kind.filter((pitch) => all.has(pitch));
    here.forEach((pitch) => all.delete(pitch));
    if (here.length) rows.push({ name, pitches: new Set(kind) });
  }
  if (all.size) rows.push({ name: 'Perc.', pitches: all });
  return rows;
}

/** Index of the row of a pitch, from the lowest; the last row takes what no row has. */
export function rowOf(rows: readonly DrumRow[], pitch: number): number {
  const index = rows.findIndex((row) => row.pitches.has(pitch));
  return index < 0 ? rows.length - 1 : index;
}
