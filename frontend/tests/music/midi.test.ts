import fc from 'fast-check';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPiece } from '../../src/api/json';
import { toBase64 } from '../../src/music/bytes';
import { type Mix, partsWithNotes, writeMidi } from '../../src/music/midi';
import type { Note, Part } from '../../src/music/piece';
import { DRUMS, note, piece, someNotes } from '../helpers/pieces';

/** A track as a plain reader finds it: channel, programs, controllers, and its notes, those of a key first in first out. */
interface Track {
  name: string;
  channel: number;
  program: number;
  controllers: [number, number, number][];
  notes: [number, number, number, number][];
}

/** Reads what `writeMidi` writes: every status is spelled out. */
function read(bytes: Uint8Array): Track[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  expect([view.getUint32(0), view.getUint32(4), view.getUint16(8)]).toEqual([0x4d546864, 6, 1]);
  let at = 14;
  return Array.from({ length: view.getUint16(10) }, () => {
    expect(view.getUint32(at)).toBe(0x4d54726b);
    const end = at + 8 + view.getUint32(at + 4);
    at += 8;
    const track: Track = { name: '', channel: -1, program: -1, controllers: [], notes: [] };
    const open: [number, number, number][] = [];
    let tick = 0;
    const number = () => {
      let value = 0;
      for (;;) {
        const byte = bytes[at++] as number;
        value = value * 128 + (byte & 127);
        if (byte < 128) return value;
      }
    };
    while (at < end) {
      tick += number();
      const status = bytes[at++] as number;
      if (status === 0xff) {
        const kind = bytes[at++];
        const length = number();
        if (kind === 3) track.name = new TextDecoder().decode(bytes.subarray(at, at + length));
        at += length;
        continue;
      }
      track.channel = status & 15;
      const first = bytes[at++] as number;
      if (status >> 4 === 0xc) {
        track.program = first;
        continue;
      }
      const second = bytes[at++] as number;
      if (status >> 4 === 0xb) track.controllers.push([tick, first, second]);
      else if (status >> 4 === 9) open.push([tick, first, second]);
      else {
        const place = open.findIndex(([, pitch]) => pitch === first);
        const [onset, pitch, velocity] = open.splice(place, 1)[0] as [number, number, number];
        track.notes.push([onset, tick - onset, pitch, velocity]);
      }
    }
    expect(open).toEqual([]);
    return track;
  });
}

/** Notes that a file can tell apart: of one key none ends before one that began earlier. */
function plain(notes: readonly Note[]): Note[] {
  const ends = new Map<string, number>();
  return [...notes]
    .sort((a, b) => a.onset - b.onset)
    .filter((each) => {
      const key = `${each.part}/${each.pitch}`;
      if (each.onset < (ends.get(key) ?? 0) || each.duration === 0) return false;
      ends.set(key, each.onset + each.duration);
      return true;
    });
}

function rows(notes: readonly Note[], part: number): number[][] {
  const own = notes.filter((each) => each.part === part);
  return own.map((each) => [each.onset, each.duration, each.pitch, each.velocity]);
}

function inOrder(list: readonly number[][]): number[][] {
  return [...list].sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0) || (a[2] ?? 0) - (b[2] ?? 0));
}

describe('writeMidi', () => {
  it('writes a track for each part that has notes, and all of these', () => {
    fc.assert(
      fc.property(someNotes, (drawn) => {
        const notes = plain(drawn);
        const of = piece(notes);
        const tracks = read(writeMidi(of));
        const playing = partsWithNotes(of);
        expect(tracks.length).toBe(Math.max(1, playing.length));
        playing.forEach((part, place) => {
          expect(inOrder(tracks[place]?.notes ?? [])).toEqual(inOrder(rows(notes, part)));
          expect(tracks[place]?.name).toBe(of.head.parts[part]?.name);
          expect(tracks[place]?.program).toBe(of.head.parts[part]?.program);
          expect(tracks[place]?.channel === 9).toBe(of.head.parts[part]?.isDrum);
        });
      }),
    );
  });

  it('gives fifteen pitched parts channels of their own; more share, those of one instrument first', () => {
    const parts: Part[] = Array.from({ length: 18 }, (_, index) => ({
      name: `p${index}`,
      program: index,
      isDrum: false,
    }));
    parts[16] = { name: 'again', program: 4, isDrum: false };
    parts.push(DRUMS);
    const notes = parts.map((_, part) => note(part, 0, 12));
    notes.push(...[0, 1, 2, 3].map((at) => note(0, 24 + 12 * at, 12)));
    const channels = read(writeMidi(piece(notes, { parts }))).map((track) => track.channel);
    expect(new Set(channels.slice(0, 15)).size).toBe(15);
    expect(channels.slice(0, 18)).not.toContain(9);
    expect(channels[16]).toBe(channels[4]);
    expect(channels[17]).not.toBe(channels[0]);
    expect(channels[18]).toBe(9);
  });

  it('writes volume, place and program of a mix, and none without it', () => {
    const of = piece([note(0, 0, 12), note(1, 0, 12)]);
    const mix: Mix[] = [
      { gain: 1, pan: 0, program: 11 },
      { gain: 0.25, pan: -1, program: 33 },
      { gain: 0, pan: 1, program: 0 },
    ];
    const [first, second] = read(writeMidi(of, mix));
    expect(first?.program).toBe(11);
    expect(first?.controllers).toEqual([
      [0, 7, 100],
      [0, 10, 64],
    ]);
    expect(second?.controllers).toEqual([
      [0, 7, 50],
      [0, 10, 1],
    ]);
    expect(read(writeMidi(of))[0]?.controllers).toEqual([]);
  });

  it('writes the files that Python reads as the same music', () => {
    const path = new URL('../../../tests/fixtures/page_midi.json', import.meta.url);
    const vectors = JSON.parse(readFileSync(path, 'utf8')) as { piece: unknown; midi: string }[];
    if (process.env.WRITE_FIXTURES) {
      for (const vector of vectors) vector.midi = toBase64(writeMidi(readPiece(vector.piece)));
      writeFileSync(path, `${JSON.stringify(vectors, null, 1)}\n`);
    }
    for (const { piece: own, midi } of vectors) expect(toBase64(writeMidi(readPiece(own)))).toBe(midi);
  });
});
