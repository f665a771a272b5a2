import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Note } from '../../src/music/piece';
import { APPEARING, Arrivals, Departures, GOING } from '../../src/roll/fading';
import { NoteIndex } from '../../src/roll/notes';

const notes = fc.array(
  fc.record<Note>({
    part: fc.constantFrom(0, 1),
    onset: fc.integer({ min: 0, max: 5000 }),
    duration: fc.integer({ min: 1, max: 3000 }),
    pitch: fc.integer({ min: 0, max: 127 }),
    velocity: fc.integer({ min: 1, max: 127 }),
    given: fc.boolean(),
  }),
  { maxLength: 60 },
);

describe('NoteIndex', () => {
  it('finds what sounds within a stretch, in whatever pieces the notes came', () => {
    fc.assert(
      fc.property(notes, fc.integer({ min: 0, max: 7000 }), fc.integer({ min: 1, max: 3000 }), (all, from, ticks) => {
        const index = new NoteIndex();
        for (let at = 0; at < all.length; at += 7) index.add(all.slice(at, at + 7));
        const expected = all.filter(({ onset, duration }) => onset < from + ticks && onset + duration > from);
        expect(new Set(index.within(from, from + ticks))).toEqual(new Set(expected));
      }),
    );
  });

  it('lets the hit of a drum ring, whatever its duration', () => {
    const hit: Note = { part: 1, onset: 100, duration: 1, pitch: 36, velocity: 90, given: false };
    const index = new NoteIndex([hit, { ...hit, part: 0, pitch: 60, duration: 50 }]);
    const at = (tick: number) => index.sounding(tick, (part) => part === 1, 80).map(({ part }) => part);
    expect(at(99)).toEqual([]);
    expect(at(100).sort()).toEqual([0, 1]);
    expect(at(160)).toEqual([1]);
    expect(at(180)).toEqual([]);
  });
});

describe('fading', () => {
  const note: Note = { part: 0, onset: 1000, duration: 10, pitch: 60, velocity: 80, given: false };

  it('lets notes appear, and hands them over when they are there', () => {
    const arrivals = new Arrivals();
    arrivals.begin([note], 0);
    expect(arrivals.at(APPEARING / 2).shown[0]?.visible).toBeCloseTo(0.5);
    expect(arrivals.at(APPEARING)).toEqual({ shown: [], settled: [note] });
    expect(arrivals.at(APPEARING + 1).settled).toEqual([]);
  });

  it('lets old notes wait, pale, until what comes in their place is known', () => {
    const departures = new Departures([note], 0);
    const waiting = departures.at(5000, 900)[0]?.visible ?? 0;
    expect(waiting).toBeGreaterThan(0.2);
    expect(waiting).toBeLessThan(0.5);
    departures.at(6000, 1001);
    expect(departures.at(6000 + GOING / 2, 1001)[0]?.visible).toBeLessThan(waiting);
    expect(departures.at(6001 + GOING, 1001)).toEqual([]);
  });
});
