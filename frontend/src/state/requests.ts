/** Requests to composers, made of wishes and of what the page holds. Pure. */

import type { Model, Request } from '../api/source';
import { toBase64 } from '../music/bytes';
import { partsWithNotes, writeMidi } from '../music/midi';
import type { Head, Piece } from '../music/piece';
import { Timing } from '../music/timing';
import { CONTROLS, type WishName, type Wishes } from './wishes.svelte';

/** Seeds that the page draws are from 0 up to this. */
export const MOST_SEED = 1_000_000_000;

/**
 * Seconds within which the first notes of a request should come: of bars that the listener is about to hear, of a piece
 * that draws itself in silence, and of one that is composed while another plays.
 */
export const AT_ONCE = 0.2;
export const SOON = 1;
export const UNHURRIED = 5;

/** A stretch of bars, the last one included; bars count from 1. */
export interface Marks {
  first: number;
  last: number;
}

/** A seed at random. */
export function freshSeed(random: () => number = Math.random): number {
  return Math.floor(random() * (MOST_SEED + 1));
}

/** The seed of a piece; of none that was composed for a request, undefined. */
export function seedOf(piece: Piece): number | undefined {
  const seed = piece.head.request?.seed;
  return typeof seed === 'number' ? seed : undefined;
}

/** A new piece, under the wishes. */
export function newPiece(wishes: Wishes, seed = freshSeed()): Request {
  return { task: 'compose', seed, ...wishes.request() };
}

/**
 * The same request with another seed, and what was left open as this piece has it: bars go side by side, and the
 * instruments stay.
 */
export function variationOf(piece: Piece, wishes: Wishes, seed = freshSeed()): Request {
  const { head } = piece;
  const asked = head.request ?? {};
  if (asked.task !== 'compose') return infill(piece, allBars(piece), null, wishes, seed);
  const known: Request = {
    style: head.style || undefined,
    bars: head.bars,
    tempo_bpm: head.tempos[0]?.bpm,
    parts: ensembleOf(piece, wishes),
  };
  if (asked.seconds !== undefined) delete known.bars;
  if (head.key && wishes.offers('key')) known.key = head.key.name;
  const given = Object.entries(asked).filter(([, value]) => !(Array.isArray(value) && value.length === 0));
  return { ...definite(known), ...Object.fromEntries(given), task: 'compose', seed };
}

/** The names by which a composer knows the instruments that play; undefined where it does not know them all. */
function ensembleOf(piece: Piece, wishes: Wishes): string[] | undefined {
  if (!wishes.offers('parts')) return undefined;
  const names = partsWithNotes(piece).map((index) => {
    const own = piece.head.parts[index];
    return wishes.model?.parts.find((part) => part.isDrum === own?.isDrum && part.program === own.program)?.name;
  });
  return names.every((name) => name !== undefined) ? names : undefined;
}

/**
 * Bars of a piece composed anew under the wishes; `parts`: of these parts only, by index. What is not wished is as the
 * piece has it.
 */
export function infill(
  piece: Piece,
  marks: Marks,
  parts: readonly number[] | null,
  wishes: Wishes,
  seed = freshSeed(),
): Request {
  const playing = partsWithNotes(piece);
  const tracks = parts && playing.flatMap((part, index) => (parts.includes(part) ? [index + 1] : []));
  return definite({
    task: 'infill',
    seed,
    ...asThePiece(piece, wishes),
    ...wishes.request([...LENGTHS, 'tempoBpm', 'seed', ...(tracks ? (['parts'] as const) : [])]),
    ...promptOf(piece),
    first_bar: marks.first,
    last_bar: marks.last,
    tracks: tracks ?? undefined,
  });
}

/** What of a request a composer knows, so that it does not refuse it. */
export function declaredBy(model: Model, request: Request): Request {
  const unknown = [...CONTROLS].filter((name) => !model.controls.includes(name));
  if (!model.choosesParts) unknown.push('parts');
  return Object.fromEntries(Object.entries(request).filter(([name]) => !unknown.includes(name)));
}

/** So many bars more. */
export function continuation(piece: Piece, bars: number, wishes: Wishes, seed = freshSeed()): Request {
  const wished = wishes.request([...LENGTHS, 'tempoBpm', 'seed', 'parts']);
  return definite({ task: 'continue', seed, ...asThePiece(piece, wishes), ...wished, ...promptOf(piece), bars });
}

/** Parts for a melody, which is a part of the piece; null: its highest. */
export function accompaniment(piece: Piece, part: number | null, wishes: Wishes, seed = freshSeed()): Request {
  const track = part === null ? undefined : partsWithNotes(piece).indexOf(part) + 1;
  return definite({
    task: 'accompany',
    seed,
    ...wishes.request([...LENGTHS, 'tempoBpm', 'seed']),
    ...promptOf(piece),
    track,
  });
}

/** All bars of a piece. */
export function allBars(piece: Piece): Marks {
  return { first: 1, last: Math.max(1, piece.head.bars) };
}

/** The head of a piece of which bars were composed anew: what stays of tempos and chords is as the old head has it. */
export function headAround(old: Head, marks: Marks): (head: Head) => Head {
  return (head) => {
    const timing = new Timing(old);
    const [start, end] = [timing.bar(marks.first).start, timing.bar(marks.last).end];
    const outside = old.chords.filter((chord) => chord.onset < start || chord.onset >= end);
    const inside = head.chords.filter((chord) => chord.onset >= start && chord.onset < end);
    const silence = old.chords.length > 0 && inside[0]?.onset !== start ? [{ onset: start, name: '' }] : [];
    const after = end < old.end && old.chords.findLast((chord) => chord.onset < end);
    const again = after && !outside.some((chord) => chord.onset === end) ? [{ ...after, onset: end }] : [];
    const chords = [...outside, ...silence, ...inside, ...again].sort((a, b) => a.onset - b.onset);
    return { ...head, title: old.title, key: head.key ?? old.key, chords, tempos: old.tempos };
  };
}

const LENGTHS: readonly WishName[] = ['bars', 'seconds', 'timeSignature'];

function asThePiece({ head }: Piece, wishes: Wishes): Request {
  const known: Request = {};
  const isOfStyle = wishes.model?.styles.some((style) => style.name === head.style) ?? false;
  if (isOfStyle && wishes.offers('style')) known.style = head.style;
  if (head.key && wishes.offers('key')) known.key = head.key.name;
  return known;
}

function promptOf(piece: Piece): Request {
  return { prompt: toBase64(writeMidi(piece)), keep_ticks: piece.head.hasGrid ? undefined : true };
}

function definite(request: Request): Request {
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
}
