import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Note, Part } from '../../src/music/piece';
import {
  ANCHOR,
  boxOf,
  clamped,
  drumRows,
  followed,
  isIn,
  joined,
  lanesOf,
  layoutOf,
  length,
  limitsOf,
  noteAt,
  pixelOf,
  rowOf,
  sameLanes,
  tickOf,
  visible,
  zoomed,
  type Direction,
  type Layout,
  type View,
} from '../../src/roll/geometry';

const PARTS: Part[] = [
  { name: 'piano', program: 0, isDrum: false },
  { name: 'drums', program: 0, isDrum: true },
];
const END = 32 * 1920;

function note(change: Partial<Note> = {}): Note {
  return { part: 0, onset: 0, duration: 480, pitch: 60, velocity: 80, given: false, ...change };
}

const directions = fc.constantFrom<Direction>('roll', 'falling');
const sizes = fc.record({ width: fc.integer({ min: 320, max: 2560 }), height: fc.integer({ min: 200, max: 1600 }) });
const notes = fc
  .record({
    part: fc.constantFrom(0, 1),
    onset: fc.integer({ min: 0, max: END - 480 }),
    duration: fc.integer({ min: 1, max: 4000 }),
    pitch: fc.integer({ min: 24, max: 100 }),
  })
  .map(note);
const views = fc.record({
  start: fc.double({ min: -200, max: END, noNaN: true }),
  scale: fc.double({ min: 0.005, max: 0.4, noNaN: true }),
});
const pieces = fc.array(notes, { minLength: 1, maxLength: 40 });

function layout(direction: Direction, size: { width: number; height: number }, all: Note[]): Layout {
  return layoutOf(direction, size.width, size.height, lanesOf(PARTS, all));
}

const isDrum = (part: number) => part === 1;

describe('time axis', () => {
  it('goes from ticks to pixels and back', () => {
    fc.assert(
      fc.property(directions, sizes, views, fc.integer({ min: 0, max: END }), (direction, size, view, tick) => {
        const made = layout(direction, size, [note()]);
        expect(tickOf(made, view, pixelOf(made, view, tick))).toBeCloseTo(tick, 4);
      }),
    );
  });

  it('runs right in the roll and down to the keyboard in the falling view', () => {
    const view = { start: 0, scale: 0.05 };
    const roll = layout('roll', { width: 1000, height: 600 }, [note()]);
    const falling = layout('falling', { width: 1000, height: 600 }, [note()]);
    expect(pixelOf(roll, view, 480)).toBeGreaterThan(pixelOf(roll, view, 0));
    expect(pixelOf(falling, view, 480)).toBeLessThan(pixelOf(falling, view, 0));
    expect(pixelOf(falling, view, 0)).toBe(falling.keys.y);
  });

  it('shows exactly the ticks between its ends', () => {
    fc.assert(
      fc.property(directions, sizes, views, (direction, size, view) => {
        const made = layout(direction, size, [note()]);
        const [first, last] = visible(made, view);
        const ends = [pixelOf(made, view, first), pixelOf(made, view, last)].sort((a, b) => a - b);
        expect((ends[1] as number) - (ends[0] as number)).toBeCloseTo(length(made), 4);
      }),
    );
  });

  it('keeps what is under the pointer while it zooms', () => {
    fc.assert(
      fc.property(
        directions,
        sizes,
        views,
        fc.double({ min: 0.2, max: 5, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (direction, size, view, factor, share) => {
          const made = layout(direction, size, [note()]);
          const pixel = pixelOf(made, view, view.start + (share * length(made)) / view.scale);
          const after = zoomed(made, view, factor, pixel, limitsOf(made, END, 480));
          expect(Math.abs(tickOf(made, after, pixel) - tickOf(made, view, pixel))).toBeLessThan(1e-3);
        },
      ),
    );
  });

  it('zooms no further out than the whole piece', () => {
    const made = layout('roll', { width: 1000, height: 600 }, [note()]);
    const limits = limitsOf(made, END, 480);
    const view = zoomed(made, { start: 0, scale: 0.05 }, 0, 100, limits);
    expect(END * view.scale).toBeLessThanOrEqual(length(made));
    expect(END * view.scale).toBeGreaterThan(length(made) * 0.9);
  });

  it('does not leave the piece', () => {
    fc.assert(
      fc.property(views, (view) => {
        const made = layout('roll', { width: 1000, height: 600 }, [note()]);
        const [first, last] = visible(made, clamped(made, view, END, 14));
        expect(first).toBeGreaterThanOrEqual(-14 / view.scale - 1e-6);
        expect(first).toBeLessThan(END);
        expect(last).toBeGreaterThan(0);
      }),
    );
  });
});

describe('notes', () => {
  it('lie within their lanes, and no two pitches in one', () => {
    fc.assert(
      fc.property(directions, sizes, pieces, (direction, size, all) => {
        const made = layout(direction, size, all);
        const across = (each: Note) => {
          const box = boxOf(made, { start: 0, scale: 0.05 }, each, isDrum(each.part));
          return direction === 'roll' ? [box.y, box.y + box.height] : [box.x, box.x + box.width];
        };
        for (const each of all) {
          const [from, to] = across(each) as [number, number];
          const room = isDrum(each.part) ? made.drums : made.body;
          const [first, size] = direction === 'roll' ? [room.y, room.height] : [room.x, room.width];
          expect(from).toBeGreaterThanOrEqual(first - 1e-6);
          expect(to).toBeLessThanOrEqual(first + size + 1e-6);
        }
        const pitched = all.filter(({ part }) => part === 0);
        for (const a of pitched) {
          for (const b of pitched) {
            if (a.pitch >= b.pitch) continue;
            const [lower, higher] = [across(a), across(b)] as [[number, number], [number, number]];
            if (direction === 'roll') expect(higher[1]).toBeLessThanOrEqual(lower[0] + 1e-6);
            else expect(lower[1]).toBeLessThanOrEqual(higher[0] + 1e-6);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are found where they are drawn', () => {
    fc.assert(
      fc.property(directions, sizes, pieces, fc.nat(), (direction, size, all, pick) => {
        const made = layout(direction, size, all);
        const wanted = all[pick % all.length] as Note;
        const view: View = { start: wanted.onset - 100, scale: 0.05 };
        const box = boxOf(made, view, wanted, isDrum(wanted.part));
        const point = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
        const found = noteAt(made, view, all, isDrum, point);
        expect(found).not.toBeNull();
        // Another one may lie on top of it; then it is not longer, and at the same place.
        expect(isIn(boxOf(made, view, found as Note, isDrum((found as Note).part)), point.x, point.y)).toBe(true);
        expect((found as Note).duration).toBeLessThanOrEqual(wanted.duration);
      }),
    );
  });

  it('are not found beside', () => {
    const all = [note({ onset: 960 })];
    const made = layout('roll', { width: 1000, height: 600 }, all);
    const view = { start: 0, scale: 0.05 };
    const box = boxOf(made, view, all[0] as Note, false);
    expect(noteAt(made, view, all, isDrum, { x: box.x - 1, y: box.y + 1 })).toBeNull();
    expect(noteAt(made, view, all, isDrum, { x: box.x + 1, y: box.y - 1 })).toBeNull();
  });
});

describe('lanes', () => {
  it('of a piece that grows are joined without moving what they hold', () => {
    fc.assert(
      fc.property(pieces, pieces, (some, others) => {
        const together = joined(lanesOf(PARTS, some), lanesOf(PARTS, others));
        for (const { part, pitch } of [...some, ...others]) {
          if (part === 0) expect(pitch >= together.low && pitch <= together.high).toBe(true);
          else expect(together.drums[rowOf(together.drums, pitch)]?.pitches.has(pitch)).toBe(true);
        }
        expect(sameLanes(together, joined(together, lanesOf(PARTS, some)))).toBe(true);
      }),
    );
  });

  it('have the kick below, cymbals above, and no rows that nothing needs', () => {
    expect(drumRows([49, 42, 38, 36, 46]).map(({ name }) => name)).toEqual(['Kick', 'Snare', 'Hi-hat', 'Crash']);
    expect(drumRows([75, 36]).map(({ name }) => name)).toEqual(['Kick', 'Perc.']);
  });

  it('announce drums before the first one sounds, and give a piece of drums all the room', () => {
    expect(lanesOf(PARTS, []).drums.length).toBeGreaterThan(0);
    const only = layoutOf('roll', 800, 500, lanesOf([PARTS[1] as Part], [note({ part: 0, pitch: 36 })]));
    expect(only.body.height).toBe(0);
    expect(only.drums.height).toBe(500 - only.ruler.height);
  });
});

describe('following', () => {
  const made = layoutOf('roll', 1000, 600, lanesOf(PARTS, [note()]));

  it('brings the playhead to its anchor and holds it there', () => {
    let view: View = { start: 0, scale: 0.05 };
    for (let frame = 0; frame < 200; frame += 1) view = followed(made, view, 30000, 1 / 60, END, false);
    const share = (30000 - view.start) / (length(made) / view.scale);
    expect(share).toBeCloseTo(ANCHOR, 2);
  });

  it('turns pages where motion is to be avoided', () => {
    const view: View = { start: 0, scale: 0.05 };
    const [, last] = visible(made, view);
    expect(followed(made, view, last * 0.5, 1 / 60, END, true)).toEqual(view);
    const next = followed(made, view, last * 0.99, 1 / 60, END, true);
    expect(next.start).toBeGreaterThan(last * 0.8);
  });

  it('puts the playhead on the keyboard in the falling view', () => {
    const falling = layoutOf('falling', 1000, 600, lanesOf(PARTS, [note()]));
    const view = followed(falling, { start: 0, scale: 0.05 }, 4000, 1 / 60, END, false);
    expect(pixelOf(falling, view, 4000)).toBe(falling.keys.y);
  });
});
