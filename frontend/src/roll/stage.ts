/** The stage: what of a piece is shown where, and its drawing. It knows nothing of the page around its canvas. */

import type { Note, Piece } from '../music/piece';
import type { Timing } from '../music/timing';
import { drawBars, drawRows } from './backdrop';
import { Arrivals, Departures, keyOf } from './fading';
import {
  clamped,
  followed,
  joined,
  lanesOf,
  layoutOf,
  length,
  limitsOf,
  noteAt,
  pixelOf,
  sameLanes,
  tickOf,
  visible,
  zoomed,
  type Direction,
  type Lanes,
  type Layout,
  type View,
} from './geometry';
import { drawKeys, drawRuler, ticksOf, type RulerContent } from './margins';
import type { Look } from './look';
import { NoteIndex } from './notes';
import { drawNote, drawNotes, drawSounding } from './strokes';
import { TILE, Tiles } from './tiles';

/** Room before the first tick, in pixels. */
const LEAD = 14;

/** What changes from frame to frame. */
export interface Moment {
  /** Milliseconds. */
  now: number;
  /** Ticks. */
  position: number;
  isPlaying: boolean;
  /** Whether motion is to be avoided. */
  isCalm: boolean;
  /** Tick before which all notes are known. */
  composedTo: number;
}

type Bars = { first: number; last: number } | null;

/** Draws a piece on a canvas. Call `frame` for every frame; it draws when there is something new. */
export class Stage {
  /** Whether the view keeps to the playhead. */
  isFollowing = true;
  layout: Layout;
  view: View = { start: 0, scale: 0.05 };
  private piece: Piece | null = null;
  private timing: Timing | null = null;
  private notes = new NoteIndex();
  private settled = new NoteIndex();
  private taken = 0;
  private known = new Set<string>();
  private lanes: Lanes = lanesOf([], []);
  private readonly arrivals = new Arrivals();
  private departures: Departures | null = null;
  private readonly tiles = new Tiles();
  private look: Look | null = null;
  private marks: Bars = null;
  private loop: Bars = null;
  private direction: Direction = 'roll';
  private size = { width: 1, height: 1, density: 1 };
  /** Pixels a quarter note, which stays from piece to piece; 0: not chosen yet. */
  private quarter = 0;
  private isDirty = true;
  private last = { now: 0, position: -1 };

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.layout = layoutOf('roll', 1, 1, this.lanes);
  }

  /** Takes a new size in CSS pixels, and how many device pixels each has. */
  resize(width: number, height: number, density: number): void {
    this.size = { width: Math.max(1, width), height: Math.max(1, height), density };
    this.canvas.width = Math.round(this.size.width * density);
    this.canvas.height = Math.round(this.size.height * density);
    this.divide();
  }

  /** Turns between the roll and the falling view. */
  turn(direction: Direction): void {
    if (direction === this.direction) return;
    this.direction = direction;
    this.quarter = 0;
    this.divide();
    this.isFollowing = true;
  }

  setLook(look: Look): void {
    this.look = look;
    this.tiles.clear();
    this.isDirty = true;
  }

  setMarks(marks: Bars, loop: Bars): void {
    [this.marks, this.loop] = [marks, loop];
    this.isDirty = true;
  }

  /** Shows a piece; `isSame`: another version of the one that is shown, at the same place. */
  show(piece: Piece, timing: Timing, isSame: boolean): void {
    this.known = new Set(isSame && this.piece ? this.piece.notes.map(keyOf) : []);
    [this.piece, this.timing] = [piece, timing];
    const lanes = lanesOf(piece.head.parts, piece.notes);
    this.lanes = isSame ? joined(this.lanes, lanes) : lanes;
    this.notes = new NoteIndex();
    this.settled = new NoteIndex();
    this.taken = 0;
    this.arrivals.clear();
    this.tiles.clear();
    this.divide();
    if (isSame) return;
    this.view = clamped(this.layout, { start: -Infinity, scale: this.view.scale }, timing.end, LEAD);
    this.departures = null;
    this.isFollowing = true;
  }

  /** Takes in the notes that came since the last call. */
  grow(now: number): void {
    const notes = this.piece?.notes ?? [];
    if (!this.piece || notes.length === this.taken) return;
    const fresh = notes.slice(this.taken);
    // A piece that is there as a whole does not appear note by note.
    const [old, come] = this.piece.isWhole && !this.taken ? [fresh, []] : split(fresh, this.known);
    this.taken = notes.length;
    this.notes.add(fresh);
    this.settle(old);
    this.arrivals.begin(come, now);
    const lanes = joined(this.lanes, lanesOf(this.piece.head.parts, fresh));
    if (!sameLanes(lanes, this.lanes)) {
      this.lanes = lanes;
      this.divide();
    }
    this.isDirty = true;
  }

  /** Reads all notes anew: the piece is whole, so they were sorted, and some durations changed. */
  refresh(): void {
    const notes = this.piece?.notes ?? [];
    const arriving = this.arrivals.keep(new Set(notes));
    this.notes = new NoteIndex(notes);
    this.settled = new NoteIndex(notes.filter((note) => !arriving.has(note)));
    this.taken = notes.length;
    this.tiles.clear();
    this.isDirty = true;
  }

  /** Lets notes go. */
  leave(notes: readonly Note[], since: number): void {
    this.departures = new Departures(notes, since);
  }

  /** Zooms around a pixel of the time axis; around the playhead if there is none. */
  zoom(factor: number, pixel?: number): void {
    if (!this.timing) return;
    const around = pixel ?? pixelOf(this.layout, this.view, this.last.position);
    const at = Math.min(this.layout.body.x + length(this.layout), Math.max(0, around));
    const limits = limitsOf(this.layout, this.timing.end, this.timing.ticksPerQuarter);
    this.view = zoomed(this.layout, this.view, factor, at, limits);
    this.quarter = this.view.scale * this.timing.ticksPerQuarter;
    this.pan(0);
  }

  /** Shows all of the piece. */
  fit(): void {
    this.isFollowing = false;
    this.zoom(0);
    this.view = { ...this.view, start: -LEAD / this.view.scale };
    this.isDirty = true;
  }

  /** Moves by pixels along the time axis. */
  pan(pixels: number): void {
    const moved = { ...this.view, start: this.view.start + pixels / this.view.scale };
    this.view = this.kept(moved);
    this.isDirty = true;
  }

  /** The tick at a point of the canvas. */
  tickAt(x: number, y: number): number {
    return tickOf(this.layout, this.view, this.direction === 'roll' ? x : y);
  }

  /** The note at a point of the canvas. */
  noteAt(x: number, y: number): Note | null {
    const [from, to] = visible(this.layout, this.view);
    const isDrum = (part: number) => this.look?.isDrum[part] ?? false;
    return noteAt(this.layout, this.view, this.notes.within(from - 1e4, to), isDrum, { x, y });
  }

  /** Whether the playhead is shown. */
  showsPlayhead(): boolean {
    const [from, to] = visible(this.layout, this.view);
    return this.last.position >= from && this.last.position <= to;
  }

  /** Draws, if anything is new. */
  frame(moment: Moment): void {
    const { now, position, isPlaying } = moment;
    const hasMoved = position !== this.last.position;
    const seconds = Math.min(0.1, (now - this.last.now) / 1000);
    const before = this.view;
    if (this.isFollowing && this.timing && (hasMoved || isPlaying || this.direction === 'falling')) {
      this.view = this.kept(followed(this.layout, this.view, position, seconds, this.timing.end, moment.isCalm));
    }
    this.last = { now, position };
    const arriving = this.arrivals.at(now);
    this.settle(arriving.settled);
    const leaving = this.departures?.at(now, moment.composedTo) ?? [];
    const isMoving = hasMoved || before.start !== this.view.start || arriving.shown.length > 0 || leaving.length > 0;
    const hadDepartures = this.departures !== null;
    if (!leaving.length) this.departures = null;
    if (!this.isDirty && !isMoving && hadDepartures === (this.departures !== null)) return;
    this.isDirty = arriving.shown.length > 0;
    this.draw(moment, arriving.shown, leaving);
  }

  private draw(moment: Moment, arriving: Shown[], leaving: Shown[]): void {
    const ctx = this.canvas.getContext('2d');
    const { look, layout, view, timing, piece } = this;
    if (!ctx || !look) return;
    const { density } = this.size;
    ctx.setTransform(density, 0, 0, density, 0, 0);
    ctx.fillStyle = look.stage;
    ctx.fillRect(0, 0, layout.width, layout.height);
    this.tiles.draw(ctx, layout, view, density, (tile, at, from, to) => {
      drawRows(tile, layout, look, piece?.head.key ?? null, TILE);
      if (!timing) return;
      if (piece?.head.hasGrid) drawBars(tile, layout, at, look, timing, { from, to });
      drawNotes(tile, layout, at, look, this.settled.within(from, to));
    });
    for (const { note, visible } of leaving) drawNote(ctx, layout, view, look, note, visible);
    for (const { note, visible } of arriving) drawNote(ctx, layout, view, look, note, visible);
    ctx.globalAlpha = 1;
    if (!timing || !piece) {
      drawKeys(ctx, layout, look, new Map());
      return;
    }
    this.drawOutside(ctx, look, timing);
    const sounding = moment.isPlaying ? this.sounding(moment.position, timing) : [];
    drawSounding(ctx, layout, view, look, sounding);
    const content: RulerContent = {
      timing,
      chords: piece.head.chords,
      key: piece.head.key,
      hasGrid: piece.head.hasGrid,
      marks: this.marks,
      loop: this.loop,
    };
    drawRuler(ctx, layout, view, look, content);
    const pressed = sounding.filter(({ part }) => !look.isDrum[part] && look.isHeard[part] !== false);
    drawKeys(ctx, layout, look, new Map(pressed.map(({ pitch, part }) => [pitch, look.colors[part] ?? look.ink])));
    this.drawPlayhead(ctx, look, moment.position);
  }

  /** Veils what lies outside of the marked bars, and after the end. */
  private drawOutside(ctx: CanvasRenderingContext2D, look: Look, timing: Timing): void {
    const { layout, view } = this;
    ctx.fillStyle = look.stage;
    const veil = (from: number, to: number, alpha: number) => {
      const [a, b] = [from, to].map((tick) => pixelOf(layout, view, tick)) as [number, number];
      ctx.globalAlpha = alpha;
      if (layout.direction === 'roll') ctx.fillRect(a, layout.body.y, b - a, layout.height - layout.body.y);
      else ctx.fillRect(layout.body.x, b, layout.width - layout.body.x, a - b);
    };
    const [from, to] = visible(layout, view);
    if (to > timing.end) veil(Math.max(from, timing.end), to, 0.7);
    if (from < 0) veil(from, Math.min(0, to), 0.7);
    if (this.marks) {
      const [start, end] = ticksOf(timing, this.marks);
      if (start > from) veil(from, Math.min(start, to), 0.6);
      if (end < to) veil(Math.max(end, from), to, 0.6);
    }
    ctx.globalAlpha = 1;
  }

  private drawPlayhead(ctx: CanvasRenderingContext2D, look: Look, position: number): void {
    const { layout, view } = this;
    const at = Math.round(pixelOf(layout, view, position) * this.size.density) / this.size.density;
    ctx.fillStyle = look.ink;
    if (layout.direction === 'falling') {
      ctx.fillRect(layout.body.x, layout.keys.y - 1, layout.width - layout.body.x, 1.5);
      return;
    }
    if (at < layout.body.x - 1 || at > layout.width) return;
    ctx.fillRect(at - 0.75, layout.ruler.height - 6, 1.5, layout.height);
    ctx.beginPath();
    ctx.moveTo(at - 5, layout.ruler.height - 10);
    ctx.lineTo(at + 5, layout.ruler.height - 10);
    ctx.lineTo(at, layout.ruler.height - 2);
    ctx.fill();
  }

  private sounding(position: number, timing: Timing): Note[] {
    const ring = timing.tick(timing.seconds(position) + 0.12) - position;
    return this.notes.sounding(position, (part) => this.look?.isDrum[part] ?? false, ring);
  }

  private settle(notes: readonly Note[]): void {
    if (!notes.length) return;
    this.settled.add(notes);
    let [from, to] = [Infinity, 0];
    for (const { onset, duration } of notes) {
      from = Math.min(from, onset);
      to = Math.max(to, onset + duration);
    }
    this.tiles.forget(from, to);
    this.isDirty = true;
  }

  private kept(view: View): View {
    if (!this.timing || this.direction === 'falling') return view;
    return clamped(this.layout, view, this.timing.end, LEAD);
  }

  private divide(): void {
    const { width, height } = this.size;
    this.layout = layoutOf(this.direction, width, height, this.lanes);
    const along = length(this.layout);
    const usual = this.direction === 'roll' ? Math.min(40, Math.max(20, along / 56)) : Math.max(36, along / 10);
    const scale = (this.quarter || usual) / (this.timing?.ticksPerQuarter ?? 480);
    this.view = { start: this.view.start, scale };
    this.pan(0);
  }
}

interface Shown {
  note: Note;
  visible: number;
}

/** Notes that were there before, and those that were not. */
function split(notes: readonly Note[], known: ReadonlySet<string>): [Note[], Note[]] {
  const old: Note[] = [];
  const come: Note[] = [];
  for (const note of notes) (known.has(keyOf(note)) ? old : come).push(note);
  return [old, come];
}
