/** Where the ticks of a piece are in seconds, in bars and in beats. Bars are counted from 1. */

import type { Head, Meter, Tempo } from './piece';

/** What of a head says when its ticks sound; a whole head is one. */
export type Times = Pick<Head, 'ticksPerQuarter' | 'tempos' | 'meters' | 'end'>;

const USUAL_BPM = 120;

interface Stretch {
  tick: number;
  second: number;
  secondsPerTick: number;
}

interface Bars {
  meter: Meter;
  /** Number of the first bar in this meter. */
  first: number;
  ticksPerBar: number;
}

/** A bar: its number, where it begins and ends in ticks, and its time signature. */
export interface Bar {
  number: number;
  start: number;
  end: number;
  numerator: number;
  denominator: number;
}

/** The times of a piece, computed once. Ticks before 0 and after the end are taken as if the music went on. */
export class Timing {
  readonly ticksPerQuarter: number;
  /** Ticks at which the piece ends. */
  readonly end: number;
  private readonly stretches: Stretch[];
  private readonly meters: Bars[];

  constructor(times: Times) {
    this.ticksPerQuarter = times.ticksPerQuarter;
    this.end = times.end;
    this.stretches = stretchesOf(times.tempos, times.ticksPerQuarter);
    this.meters = barsOf(times.meters, times.ticksPerQuarter);
  }

  /** Seconds from the piece's first tick to a tick, which may be a fraction. */
  seconds(tick: number): number {
    const stretch = lastBefore(this.stretches, (each) => each.tick <= tick);
    return stretch.second + (tick - stretch.tick) * stretch.secondsPerTick;
  }

  /** The tick, a fraction of one included, that sounds after so many seconds. */
  tick(seconds: number): number {
    const stretch = lastBefore(this.stretches, (each) => each.second <= seconds);
    return stretch.tick + (seconds - stretch.second) / stretch.secondsPerTick;
  }

  /** Quarter notes per minute at a tick. */
  bpm(tick: number): number {
    const stretch = lastBefore(this.stretches, (each) => each.tick <= tick);
    return 60 / (stretch.secondsPerTick * this.ticksPerQuarter);
  }

  /** The bar in which a tick lies. */
  barAt(tick: number): Bar {
    const bars = lastBefore(this.meters, (each) => each.meter.onset <= tick);
    return this.bar(bars.first + Math.max(0, Math.floor((tick - bars.meter.onset) / bars.ticksPerBar)));
  }

  /** The bar of a number, from 1; numbers beyond the last bar go on in its meter. */
  bar(number: number): Bar {
    const bars = lastBefore(this.meters, (each) => each.first <= number);
    const start = bars.meter.onset + (number - bars.first) * bars.ticksPerBar;
    const next = this.meters[this.meters.indexOf(bars) + 1];
    const whole = start + bars.ticksPerBar;
    // A change of meter within a bar ends it there.
    const end = next && start < next.meter.onset ? Math.min(whole, next.meter.onset) : whole;
    const { numerator, denominator } = bars.meter;
    return { number, start, end, numerator, denominator };
  }

  /** How many bars there are up to the end of the piece. */
  get count(): number {
    return this.end > 0 ? this.barAt(this.end - 1).number : 0;
  }

  /** All bars up to the end of the piece. */
  bars(): Bar[] {
    return Array.from({ length: this.count }, (_, index) => this.bar(index + 1));
  }

  /** First tick of the bar after the one in which a tick lies. */
  nextBar(tick: number): number {
    return this.barAt(tick).end;
  }

  /** Ticks of a beat in the bar of a tick: of the denominator, so an eighth in 6/8. */
  beat(tick: number): number {
    return (this.ticksPerQuarter * 4) / this.barAt(tick).denominator;
  }
}

/** The tick of a piece at the place where a tick of another one is: in the bar of the same number, as far into it. */
export function samePlace(tick: number, from: Timing, to: Timing): number {
  const bar = from.barAt(tick);
  const target = to.bar(bar.number);
  if (target.start === bar.start && target.end === bar.end && from.ticksPerQuarter === to.ticksPerQuarter) return tick;
  return target.start + ((tick - bar.start) / (bar.end - bar.start)) * (target.end - target.start);
}

function stretchesOf(tempos: Tempo[], ticksPerQuarter: number): Stretch[] {
  const sorted = [...tempos].sort((a, b) => a.onset - b.onset);
  const first = sorted[0];
  const all = !first || first.onset > 0 ? [{ onset: 0, bpm: first?.bpm ?? USUAL_BPM }, ...sorted] : sorted;
  const stretches: Stretch[] = [];
  for (const { onset, bpm } of all) {
    const before = stretches.at(-1);
    const tick = Math.max(0, onset);
    const second = before ? before.second + (tick - before.tick) * before.secondsPerTick : 0;
    if (before && before.tick === tick) stretches.pop();
    stretches.push({ tick, second, secondsPerTick: 60 / (bpm * ticksPerQuarter) });
  }
  return stretches;
}

function barsOf(meters: Meter[], ticksPerQuarter: number): Bars[] {
  const sorted = [...meters].sort((a, b) => a.onset - b.onset);
  const first = sorted[0];
  const all = !first || first.onset > 0 ? [{ onset: 0, numerator: 4, denominator: 4 }, ...sorted] : sorted;
  const bars: Bars[] = [];
  for (const meter of all) {
    const before = bars.at(-1);
    const length = before ? Math.ceil((meter.onset - before.meter.onset) / before.ticksPerBar) : 0;
    if (before && length === 0) bars.pop();
    const ticksPerBar = Math.max(1, Math.round((ticksPerQuarter * 4 * meter.numerator) / meter.denominator));
    bars.push({ meter, first: before ? before.first + length : 1, ticksPerBar });
  }
  return bars;
}

/** The last element that fulfils what is true of a beginning of the list; else the first one. */
function lastBefore<T>(list: T[], isBefore: (each: T) => boolean): T {
  let low = 0;
  let high = list.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isBefore(list[middle] as T)) low = middle;
    else high = middle - 1;
  }
  return list[low] as T;
}
