import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Timing } from '../../src/music/timing';
import { labelsOf, ticksOf, type RulerContent } from '../../src/roll/margins';

const timing = new Timing({
  ticksPerQuarter: 480,
  tempos: [{ onset: 0, bpm: 120 }],
  meters: [{ onset: 0, numerator: 4, denominator: 4 }],
  end: 32 * 1920,
});

function content(change: Partial<RulerContent> = {}): RulerContent {
  return { timing, chords: [], key: null, hasGrid: true, marks: null, loop: null, ...change };
}

describe('labels of the ruler', () => {
  it('leave each other room at every zoom, and are bars of the piece', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.002, max: 0.4, noNaN: true }),
        fc.integer({ min: 0, max: 50000 }),
        (scale, from) => {
          const labels = labelsOf(content(), from, from + 1400 / scale, scale);
          const places = labels.map(({ tick }) => tick * scale);
          places.slice(1).forEach((place, index) => expect(place - (places[index] as number)).toBeGreaterThan(39));
          for (const { tick, text } of labels) expect(timing.bar(Number(text)).start).toBe(tick);
          if (from === 0) expect(labels[0]?.text).toBe('1');
        },
      ),
    );
  });

  it('end with the piece', () => {
    const labels = labelsOf(content(), 0, 1e6, 0.1);
    expect(labels.map(({ text }) => text)).toEqual(Array.from({ length: 32 }, (_, index) => String(index + 1)));
  });

  it('are seconds where bars mean nothing', () => {
    const labels = labelsOf(content({ hasGrid: false }), 0, 1e6, 0.05);
    // A second has 960 ticks, so 48 pixels.
    expect(labels.slice(0, 3)).toEqual([
      { tick: 0, text: '0:00' },
      { tick: 960, text: '0:01' },
      { tick: 1920, text: '0:02' },
    ]);
    expect(labels.at(-1)?.text).toBe('1:04');
  });
});

describe('marked bars', () => {
  it('reach from the start of the first to the end of the last', () => {
    expect(ticksOf(timing, { first: 3, last: 5 })).toEqual([2 * 1920, 5 * 1920]);
  });
});
