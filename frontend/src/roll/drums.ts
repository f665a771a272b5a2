/** The rows of the drum lane: drums of one kind share a row, in the order of a drummer's staff. */

/** A row of the drum lane. */
export interface DrumRow {
  name: string;
  pitches: ReadonlySet<number>;
}

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
