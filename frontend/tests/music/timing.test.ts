import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { samePlace, Timing } from '../../src/music/timing';

const tempos = fc.array(
  fc.record({ onset: fc.integer({ min: 0, max: 5000 }), bpm: fc.double({ min: 20, max: 300, noNaN: true }) }),
  { maxLength: 6 },
);
const meters = fc.array(
  fc.record({
    onset: fc.integer({ min: 0, max: 5000 }),
    numerator: fc.integer({ min: 1, max: 12 }),
    denominator: fc.constantFrom(2, 4, 8, 16),
  }),
  { maxLength: 5 },
);
const times = fc.record({ ticksPerQuarter: fc.constantFrom(12, 96, 480), tempos, meters, end: fc.constant(6000) });

describe('Timing', () => {
  it('turns ticks into seconds and back', () => {
    fc.assert(
      fc.property(times, fc.double({ min: 0, max: 8000, noNaN: true }), (of, tick) => {
        const timing = new Timing(of);
        expect(timing.tick(timing.seconds(tick))).toBeCloseTo(tick, 6);
      }),
    );
  });

  it('lets time grow with ticks, at the tempo of each', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 6000 }), (of, tick) => {
        const timing = new Timing(of);
        const quarter = timing.seconds(tick + 1) - timing.seconds(tick);
        expect(quarter * of.ticksPerQuarter).toBeCloseTo(60 / timing.bpm(tick), 6);
      }),
    );
  });

  it('has each tick in one bar, and bars that follow each other', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 6000 }), (of, tick) => {
        const timing = new Timing(of);
        const bar = timing.barAt(tick);
        expect(bar.start).toBeLessThanOrEqual(tick);
        expect(bar.end).toBeGreaterThan(tick);
        expect(timing.bar(bar.number)).toEqual(bar);
        expect(timing.barAt(bar.end).number).toBe(bar.number + 1);
        expect(timing.barAt(bar.end).start).toBe(bar.end);
      }),
    );
  });

  it('begins a bar where the meter changes', () => {
    const change = { onset: 0, numerator: 4, denominator: 4 };
    const timing = new Timing({
      ticksPerQuarter: 12,
      tempos: [],
      meters: [change, { onset: 60, numerator: 3, denominator: 8 }],
      end: 96,
    });
    expect(timing.bars().map((bar) => [bar.start, bar.end])).toEqual([
      [0, 48],
      [48, 60],
      [60, 78],
      [78, 96],
    ]);
    expect(timing.beat(70)).toBe(6);
  });

  it('knows the seconds of several tempos', () => {
    const timing = new Timing({
      ticksPerQuarter: 12,
      tempos: [
        { onset: 0, bpm: 120 },
        { onset: 24, bpm: 60 },
      ],
      meters: [],
      end: 48,
    });
    expect(timing.seconds(36)).toBeCloseTo(2, 9);
    expect(timing.tick(2)).toBeCloseTo(36, 9);
  });
});

describe('samePlace', () => {
  it('is the same tick where bars are alike, and as far into the bar where they are not', () => {
    const four = new Timing({ ticksPerQuarter: 12, tempos: [], meters: [], end: 192 });
    const three = new Timing({
      ticksPerQuarter: 24,
      tempos: [],
      meters: [{ onset: 0, numerator: 3, denominator: 4 }],
      end: 192,
    });
    expect(samePlace(60, four, four)).toBe(60);
    expect(samePlace(72, four, three)).toBe(72 + 36);
  });
});
