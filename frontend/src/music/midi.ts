/**
 * Writes a piece as a MIDI file of format 1: one track for each part that has notes, in the order of the parts; tempos,
 * meters and key stand in the first. Of two messages on one tick, releases come before strikes.
 */

import { Writer } from './bytes';
import type { Head, Key, Note, Part, Piece } from './piece';

/** How a part is to sound, where that differs from the piece: its fader, place and instrument. */
export interface Mix {
  /** 0 to 1; 0 is silent. */
  gain: number;
  /** -1 left to 1 right. */
  pan: number;
  program: number;
}

const DRUM_CHANNEL = 9;
const [SUSTAIN, VOLUME, PAN] = [64, 7, 10];
// Controller 7 counts by its square, and 100 is what files have that set none.
const USUAL_VOLUME = 100;
const MOST_MICROSECONDS = 0xffffff;

/** Ranks of messages on one tick. */
enum Rank {
  Conducting,
  Title,
  Setting,
  Pedal,
  Release,
  Strike,
  ReleaseAtOnce,
}

interface Message {
  tick: number;
  rank: Rank;
  bytes: readonly number[];
}

/** The file. `mix`: for each part how it sounds; without it, controllers are left out. */
export function writeMidi(piece: Piece, mix?: readonly Mix[]): Uint8Array<ArrayBuffer> {
  const { head } = piece;
  const playing = partsWithNotes(piece);
  const channels = channelsOf(head.parts, playing, piece.notes);
  const tracks = playing.map((part, place) => {
    const own = head.parts[part] as Part;
    const messages = trackMessages(piece, part, own, channels[place] as number, mix?.[part]);
    return place === 0 ? [...conducting(head), ...messages] : messages;
  });
  if (tracks.length === 0) tracks.push(conducting(head));
  const writer = new Writer();
  writer.raw([...'MThd'].map((letter) => letter.charCodeAt(0)));
  writer.raw([...bigEndian(6, 4), ...bigEndian(1, 2), ...bigEndian(tracks.length, 2)]);
  writer.raw(bigEndian(head.ticksPerQuarter, 2));
  for (const messages of tracks) writeTrack(writer, messages);
  return writer.done();
}

/** Indices of the parts that have notes: the tracks of the file, in their order. */
export function partsWithNotes(piece: Piece): number[] {
  const playing = new Set(piece.notes.map((note) => note.part));
  return piece.head.parts.map((_, part) => part).filter((part) => playing.has(part));
}

/** A channel for each part that plays: drums on 10, others on their own as long as there are any. */
function channelsOf(parts: readonly Part[], playing: readonly number[], notes: readonly Note[]): number[] {
  const counts = new Map<number, number>();
  for (const { part } of notes) counts.set(part, (counts.get(part) ?? 0) + 1);
  const channels: { program: number; nNotes: number }[] = [];
  return playing.map((part) => {
    const own = parts[part] as Part;
    if (own.isDrum) return DRUM_CHANNEL;
    let place = channels.length;
    if (place < 15) channels.push({ program: own.program, nNotes: 0 });
    else {
      // Parts of one instrument share a channel; else the one with the fewest notes is shared.
      const same = channels.map((_, each) => each).filter((each) => channels[each]?.program === own.program);
      const choice = same.length > 0 ? same : channels.map((_, each) => each);
      place = choice.reduce((a, b) => ((channels[b]?.nNotes ?? 0) < (channels[a]?.nNotes ?? 0) ? b : a));
    }
    const channel = channels[place];
    if (channel) channel.nNotes += counts.get(part) ?? 0;
    return place < DRUM_CHANNEL ? place : place + 1;
  });
}

function trackMessages(piece: Piece, part: number, own: Part, channel: number, mix: Mix | undefined): Message[] {
  const messages: Message[] = [];
  const add = (tick: number, rank: Rank, ...bytes: number[]) => messages.push({ tick, rank, bytes });
  if (own.name) add(0, Rank.Title, ...meta(0x03, new TextEncoder().encode(own.name)));
  add(0, Rank.Setting, 0xc0 | channel, own.isDrum ? 0 : (mix?.program ?? own.program));
  if (mix) {
    add(0, Rank.Setting, 0xb0 | channel, VOLUME, Math.round(USUAL_VOLUME * Math.sqrt(mix.gain)));
    add(0, Rank.Setting, 0xb0 | channel, PAN, Math.round(64 + 63 * mix.pan));
  }
  for (const pedal of piece.pedals) {
    if (pedal.part !== part) continue;
    add(pedal.onset, Rank.Pedal, 0xb0 | channel, SUSTAIN, 127);
    add(pedal.onset + pedal.duration, Rank.Pedal, 0xb0 | channel, SUSTAIN, 0);
  }
  for (const { part: its, onset, duration, pitch, velocity } of piece.notes) {
    if (its !== part) continue;
    add(onset, Rank.Strike, 0x90 | channel, pitch, velocity);
    add(onset + duration, duration ? Rank.Release : Rank.ReleaseAtOnce, 0x80 | channel, pitch, velocity);
  }
  return messages;
}

function conducting(head: Head): Message[] {
  const messages: Message[] = [];
  const add = (tick: number, bytes: number[]) => messages.push({ tick, rank: Rank.Conducting, bytes });
  for (const { onset, numerator, denominator } of head.meters) {
    add(onset, meta(0x58, [numerator, Math.log2(denominator), 24, 8]));
  }
  const signature = head.key && signatureOf(head.key);
  if (signature) add(0, meta(0x59, [signature.sharps & 0xff, signature.isMinor ? 1 : 0]));
  for (const { onset, bpm } of head.tempos) {
    add(onset, meta(0x51, bigEndian(Math.min(MOST_MICROSECONDS, Math.round(60e6 / bpm)), 3)));
  }
  return messages;
}

/** Sharps (negative: flats) of a key, -5 to 6; null of a mode that key signatures have no name for. */
function signatureOf(key: Key): { sharps: number; isMinor: boolean } | null {
  const isMinor = key.name.endsWith(' minor');
  if (!isMinor && !key.name.endsWith(' major')) return null;
  const sharps = ((isMinor ? key.tonic + 3 : key.tonic) * 7) % 12;
  return { sharps: sharps > 6 ? sharps - 12 : sharps, isMinor };
}

function writeTrack(writer: Writer, messages: Message[]): void {
  const body = new Writer();
  let before = 0;
  // The sort is stable: of messages of one rank on one tick the order stays.
  for (const { tick, bytes } of messages.sort((a, b) => a.tick - b.tick || a.rank - b.rank)) {
    body.raw(variableLength(tick - before));
    body.raw(bytes);
    before = tick;
  }
  body.raw([1, ...meta(0x2f, [])]);
  writer.raw([...'MTrk'].map((letter) => letter.charCodeAt(0)));
  writer.raw(bigEndian(body.length, 4));
  writer.raw(body.done());
}

function meta(kind: number, payload: ArrayLike<number>): number[] {
  return [0xff, kind, ...variableLength(payload.length), ...Array.from(payload)];
}

/** A number in seven bits a byte, the highest first, the last byte below 128. */
function variableLength(number: number): number[] {
  const bytes = [number & 127];
  for (let rest = number >> 7; rest > 0; rest >>= 7) bytes.unshift((rest & 127) | 128);
  return bytes;
}

function bigEndian(number: number, size: number): number[] {
  return Array.from({ length: size }, (_, at) => (number >>> (8 * (size - 1 - at))) & 255);
}
