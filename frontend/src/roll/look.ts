/** What the roll is drawn with: inks of the scheme, and for each part its shades. */

import { colorOf, INKS, mix, shadesOf, velocityStep, type Scheme, type Slot } from './palette';
import type { Note } from '../music/piece';

/** How far lines and shadings stand out from the stage, as a share of the ink. */
const SHARES = { row: 0.03, tonic: 0.1, octave: 0.06, beat: 0.06, bar: 0.17, mark: 0.08, black: 0.16, label: 0.62 };

export type Line = keyof typeof SHARES;

export interface Look {
  scheme: Scheme;
  stage: string;
  ink: string;
  lines: Readonly<Record<Line, string>>;
  /** By part and step of velocity. */
  shades: readonly (readonly string[])[];
  /** By part: its pure color. */
  colors: readonly string[];
  isDrum: readonly boolean[];
  /** By part: whether it is heard; others are drawn faintly. */
  isHeard: readonly boolean[];
  font: string;
}

/** The look of parts with these slots. */
export function lookOf(scheme: Scheme, slots: readonly Slot[], isHeard: readonly boolean[], font: string): Look {
  const { stage, ink } = INKS[scheme];
  const colors = slots.map((slot) => colorOf(slot, scheme));
  const names = Object.keys(SHARES) as Line[];
  return {
    scheme,
    stage,
    ink,
    lines: Object.fromEntries(names.map((name) => [name, mix(stage, ink, SHARES[name])])) as Record<Line, string>,
    shades: colors.map((color) => shadesOf(color, stage)),
    colors,
    isDrum: slots.map((slot) => slot === 'drums'),
    isHeard,
    font,
  };
}

/** The color of a note. */
export function shadeOf(look: Look, note: Note): string {
  return look.shades[note.part]?.[velocityStep(note.velocity)] ?? look.ink;
}
