import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  colorOf,
  DRUM_COLOR,
  INKS,
  mix,
  namesOf,
  PART_COLORS,
  shadesOf,
  slotsOf,
  velocityStep,
  VELOCITY_STEPS,
  type Scheme,
} from '../../src/roll/palette';

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

// Machado, Oliveira and Fernandes (2009), severity 1, in linear light.
const SIGHTS: Record<string, Matrix> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const apply = (matrix: Matrix, [a, b, c]: Triple): Triple =>
  matrix.map((row) => row[0] * a + row[1] * b + row[2] * c) as unknown as Triple;

function linear(color: string): Triple {
  return [1, 3, 5].map((at) => {
    const value = parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as unknown as Triple;
}

function oklab(light: Triple): Triple {
  const clipped = light.map((value) => Math.min(1, Math.max(0, value))) as unknown as Triple;
  const cones = apply(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    clipped,
  ).map(Math.cbrt) as unknown as Triple;
  return apply(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cones,
  );
}

const luminance = (color: string) => {
  const [r, g, b] = linear(color);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function nearest(colors: readonly string[], sight: Matrix): number {
  const seen = colors.map((color) => oklab(apply(sight, linear(color))));
  let least = Infinity;
  seen.forEach((a, i) => {
    for (const b of seen.slice(0, i)) least = Math.min(least, Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]));
  });
  return least;
}

describe.each<Scheme>(['light', 'dark'])('colors of parts, %s', (scheme) => {
  it('are twelve', () => expect(new Set(PART_COLORS[scheme]).size).toBe(12));

  // 0.02 is about what two patches side by side need to be told apart.
  it.each(Object.entries(SIGHTS))('are told apart with %s', (_, sight) => {
    expect(nearest(PART_COLORS[scheme], sight)).toBeGreaterThan(0.05);
    expect(nearest(PART_COLORS[scheme].slice(0, 4), sight)).toBeGreaterThan(0.065);
  });

  it('stand out from the stage', () => {
    for (const color of [...PART_COLORS[scheme], DRUM_COLOR[scheme]]) {
      expect(contrast(color, INKS[scheme].stage)).toBeGreaterThan(scheme === 'light' ? 2.99 : 4.49);
    }
  });

  it('carry words in ink where a card glows most', () => {
    // --fill and --glow-most of app.css.
    const [fill, most] = scheme === 'light' ? (['#eeeef1', 0.4] as const) : (['#24262b', 0.3] as const);
    for (const color of [...PART_COLORS[scheme], DRUM_COLOR[scheme]]) {
      expect(contrast(mix(fill, color, most), INKS[scheme].ink)).toBeGreaterThan(4.5);
    }
  });
});

describe('slots', () => {
  const parts = fc.array(fc.record({ name: fc.constantFrom('flute', 'cello', 'harp', 'lead'), isDrum: fc.boolean() }), {
    maxLength: 12,
  });

  it('differ for all pitched parts', () => {
    fc.assert(
      fc.property(parts, (all) => {
        const pitched = slotsOf(all).slots.filter((_, index) => !all[index]?.isDrum);
        expect(new Set(pitched).size).toBe(pitched.length);
      }),
    );
  });

  it('stay with an instrument when others come and go', () => {
    const before = slotsOf([
      { name: 'flute', isDrum: false },
      { name: 'cello', isDrum: false },
    ]).byName;
    const after = slotsOf(
      [
        { name: 'harp', isDrum: false },
        { name: 'cello', isDrum: false },
      ],
      before,
    );
    expect(after.slots[1]).toBe(before.get('cello'));
    expect(after.slots[0]).not.toBe(after.slots[1]);
  });

  it('have a color, however many there are', () => {
    expect(colorOf(12, 'light')).toBe(PART_COLORS.light[0]);
    expect(colorOf('drums', 'dark')).toBe(DRUM_COLOR.dark);
  });

  it('tell equal names apart', () => {
    expect(namesOf([{ name: 'violin' }, { name: 'violin' }])).toEqual(['violin', 'violin 2']);
  });
});

describe('velocity', () => {
  it('is drawn from pale to full', () => {
    const shades = shadesOf('#3260c8', '#f8f8f9');
    expect(shades).toHaveLength(VELOCITY_STEPS);
    expect(shades.at(-1)).toBe('#3260c8');
    const lights = shades.map(luminance);
    expect(lights).toEqual([...lights].sort((a, b) => b - a));
    expect([1, 64, 127].map(velocityStep)).toEqual([0, 2, VELOCITY_STEPS - 1]);
  });
});
