import fc from 'fast-check';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPiece } from '../../src/api/json';
import { DamageError, deflate, fromBase64Url, inflate, toBase64Url, Writer } from '../../src/music/bytes';
import { byOnset } from '../../src/music/notes';
import { pack, unpack } from '../../src/music/packing';
import type { Piece } from '../../src/music/piece';
import { BASS, DRUMS, head, PIANO } from '../helpers/pieces';

const ticks = fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 2 ** 29 }));
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const pieces: fc.Arbitrary<Piece> = fc
  .record({
    notes: fc.array(
      fc.record({
        part: fc.integer({ min: 0, max: 2 }),
        onset: ticks,
        duration: ticks,
        pitch: fc.integer({ min: 0, max: 127 }),
        velocity: fc.integer({ min: 1, max: 127 }),
        given: fc.constant(false),
      }),
      { maxLength: 60 },
    ),
    pedals: fc.array(fc.record({ part: fc.integer({ min: 0, max: 2 }), onset: ticks, duration: ticks }), {
      maxLength: 5,
    }),
    title: text,
    name: text,
    key: fc.option(
      fc
        .record({ name: text, tonic: fc.integer({ min: 0, max: 11 }), tones: fc.uniqueArray(fc.nat(11)) })
        .map(({ tones, ...key }) => {
          const step = (tone: number) => (tone - key.tonic + 12) % 12;
          return { ...key, scale: tones.sort((a, b) => step(a) - step(b)) };
        }),
    ),
    chords: fc.array(fc.record({ onset: ticks, name: text }), { maxLength: 8 }),
    tempos: fc.array(
      fc.record({ onset: ticks, bpm: fc.integer({ min: 1000, max: 500_000 }).map((each) => each / 1000) }),
      {
        maxLength: 3,
      },
    ),
    meters: fc.array(
      fc.record({
        onset: ticks,
        numerator: fc.integer({ min: 1, max: 20 }),
        denominator: fc.constantFrom(1, 2, 4, 8, 16, 32),
      }),
      { maxLength: 3 },
    ),
    request: fc.option(fc.record({ task: fc.constant('compose'), seed: fc.nat(), chords: text })),
    hasGrid: fc.boolean(),
  })
  .map(({ notes, pedals, name, ...change }) => {
    const own = head({ ...change, parts: [{ ...PIANO, name }, BASS, DRUMS] });
    const whole = { id: '', head: own, notes, pedals, composedTo: own.end, isWhole: true };
    return { ...whole, notes: [...notes].sort(inFull) };
  });

/** An order in which no two different notes are equal. */
function inFull(a: Piece['notes'][0], b: Piece['notes'][0]): number {
  return byOnset(a, b) || a.duration - b.duration || a.velocity - b.velocity;
}

/** A piece with everything whose order does not count in one order. */
function sorted(piece: Piece): unknown {
  const by = (a: { onset: number }, b: { onset: number }) =>
    a.onset - b.onset || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  const { tempos, meters, chords } = piece.head;
  return {
    ...piece,
    notes: [...piece.notes].sort(inFull),
    pedals: [...piece.pedals].sort((a, b) => a.part - b.part || by(a, b)),
    head: { ...piece.head, tempos: [...tempos].sort(by), meters: [...meters].sort(by), chords: [...chords].sort(by) },
  };
}

describe('pack', () => {
  it('gives back what was packed', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async (piece) => {
        expect(sorted(await unpack(await pack(piece)))).toEqual(sorted(piece));
      }),
      { numRuns: 60 },
    );
  });

  it('agrees with the vectors that Python reads as well', async () => {
    const path = new URL('../../../tests/fixtures/links.json', import.meta.url);
    const vectors = JSON.parse(readFileSync(path, 'utf8')) as { name: string; fragment: string; piece: unknown }[];
    if (process.env.WRITE_FIXTURES) {
      for (const vector of vectors) vector.fragment = await pack(readPiece(vector.piece));
      writeFileSync(path, `${JSON.stringify(vectors, null, 1)}\n`);
    }
    expect(vectors.length).toBeGreaterThan(2);
    for (const { fragment, piece } of vectors) {
      expect(sorted(await unpack(fragment))).toEqual(sorted({ ...readPiece(piece), id: '' }));
    }
  });
});

describe('unpack', () => {
  it('refuses anything else with a reason, and never throws another error', async () => {
    const good = fromBase64Url(await pack({ ...(await unpack(await pack(empty()))), notes: [] }));
    const edits = fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), edits, fc.uint8Array({ maxLength: 80 })), async (drawn) => {
        let fragment: string;
        if (typeof drawn === 'string') fragment = drawn;
        else if (drawn instanceof Uint8Array) fragment = toBase64Url(await packed([...drawn]));
        else {
          const bytes = good.slice();
          for (const [at, value] of drawn as [number, number][]) bytes[at] = value;
          fragment = toBase64Url(bytes);
        }
        await unpack(fragment).catch((thrown: unknown) => expect(thrown).toBeInstanceOf(DamageError));
      }),
      { numRuns: 300 },
    );
  });

  it('stops at a bomb instead of unfolding it', async () => {
    const bomb = await packed(new Uint8Array(16 * 2 ** 20));
    expect(bomb.length).toBeLessThan(100_000);
    await expect(unpack(toBase64Url(bomb))).rejects.toThrow(/unpacks to more than/);
  });

  it('refuses counts that lie, times without end, tempos of 0 and another version', async () => {
    const texts = [0, 0, 0, 0];
    const start = [...texts, 12, 1, 4, 48, 1];
    const many = [...start, 100];
    await expect(unpack(toBase64Url(await packed(many)))).rejects.toThrow(/more than it holds/);
    await expect(unpack(toBase64Url(await packed([...start, 1, 0, 0])))).rejects.toThrow(/tempo of 0/);
    const late = [...texts, 12, 1, 4, 48, 0x80, 0x80, 0x80, 0x80, 0x02, 1, 0x80, 0x80, 0x80, 0x80, 0x04];
    await expect(unpack(toBase64Url(await packed(late)))).rejects.toThrow(/lasts too long/);
    const piece = await pack(empty());
    const plain = await inflate(fromBase64Url(piece).subarray(1), 'deflate-raw', 1000);
    await expect(unpack(toBase64Url(await packed([...plain, 0])))).rejects.toThrow(/more follows/);
    await expect(unpack('BAAA')).rejects.toThrow(/version 4/);
    await expect(unpack('')).rejects.toThrow(/empty/);
  });
});

function empty(): Piece {
  return { id: '', head: head(), notes: [], pedals: [], composedTo: 192, isWhole: true };
}

/** Bytes as a fragment has them, before base64. */
async function packed(bytes: ArrayLike<number>): Promise<Uint8Array> {
  const writer = new Writer();
  if (bytes.length < 1000) writer.raw(bytes);
  const whole = bytes.length < 1000 ? writer.done() : new Uint8Array(bytes as Uint8Array<ArrayBuffer>);
  return Uint8Array.from([1, ...(await deflate(whole, 'deflate-raw'))]);
}
