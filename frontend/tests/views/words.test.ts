import { describe, expect, it } from 'vitest';
import type { Head, Part } from '../../src/music/piece';
import { chordWords, clock, counted, factsOf, pieceWords, pitchWords, signs, titleOf } from '../../src/views/words';

function head(change: Partial<Head> & { names?: string[] } = {}): Head {
  const { names = ['recorder'], ...rest } = change;
  return {
    title: '',
    model: 'band',
    style: 'folk',
    ticksPerQuarter: 480,
    tempos: [{ onset: 0, bpm: 96.4 }],
    meters: [{ onset: 0, numerator: 4, denominator: 4 }],
    key: { name: 'D major', tonic: 2, scale: [2, 4, 6, 7, 9, 11, 1] },
    chords: [],
    bars: 32,
    end: 61440,
    hasGrid: true,
    parts: names.map((name): Part => ({ name, program: 0, isDrum: name === 'drums' })),
    request: null,
    ...rest,
  };
}

describe('titles', () => {
  it('say what is known', () => {
    expect(titleOf(head())).toBe('Folk tune in D, recorder, 96');
    expect(titleOf(head({ names: ['recorder', 'harp'] }))).toBe('Folk tune in D, recorder and harp, 96');
    expect(titleOf(head({ names: ['piano', 'strings', 'drums'] }))).toBe('Folk tune in D, three parts, 96');
  });

  it('leave out what is not known, or said already', () => {
    expect(titleOf(head({ key: null, names: [], hasGrid: false }))).toBe('Folk tune');
    expect(titleOf(head({ style: 'string-quartet', names: ['violin', 'violin 2', 'viola', 'cello'] }))).toBe(
      'String quartet in D, 96',
    );
    expect(titleOf(head({ style: 'sea-shanty', names: [] }))).toBe('Sea shanty in D, 96');
  });

  it('leave the titles of people as they are', () => {
    expect(titleOf(head({ model: '', title: 'Erlkönig' }))).toBe('Erlkönig');
    expect(titleOf(head({ title: 'Rain' }))).toBe('Rain');
    expect(titleOf(head({ title: 'Folk in D major' }))).toBe('Folk tune in D, recorder, 96');
    const performed = head({ title: 'Piano giantmidi', model: 'piano-giantmidi', style: '', key: null });
    expect(titleOf(performed)).toBe('Piece, recorder, 96');
  });
});

describe('facts', () => {
  it('say what is known, and that more is being composed', () => {
    const own = head({ meters: [{ onset: 0, numerator: 6, denominator: 8 }], bars: 8 });
    expect(factsOf(own, 80, false)).toBe('6/8 · 8 bars · 1:20');
    expect(factsOf(own, 80, true)).toBe('6/8 · 8 bars · 1:20 · composing …');
    expect(factsOf({ ...own, model: '', hasGrid: false }, 9, false)).toBe('D · 0:09');
  });
});

describe('words', () => {
  it('have the accidentals of musicians', () => {
    expect(signs('F#m7/Bb')).toBe('F♯m7/B♭');
    expect(signs('Bb')).toBe('B♭');
    expect(signs('D dorian')).toBe('D dorian');
  });

  it('tell time, pitches and numbers', () => {
    expect(clock(69.8)).toBe('1:09');
    expect(pitchWords(60)).toBe('C4');
    expect([counted(1, 'bar'), counted(20000, 'note')]).toEqual(['1 bar', '20,000 notes']);
  });

  it('make names of files readable', () => {
    expect(pieceWords('music21_ryans_mammoth/ryansMammoth__LeagueAndSlasherReel.mid')).toBe('League And Slasher Reel');
    expect(pieceWords('POP909/012.mid')).toBe('012');
  });

  it('spell chords in the key', () => {
    const key = (name: string, tonic: number, steps: number[]) => ({
      name,
      tonic,
      scale: steps.map((step) => (tonic + step) % 12),
    });
    const minor = [0, 2, 3, 5, 7, 8, 10, 11];
    const major = [0, 2, 4, 5, 7, 9, 11];
    expect(chordWords('C#m7/G#', key('Bb minor', 10, minor))).toBe('D♭m7/A♭');
    expect(chordWords('Ab', key('E major', 4, major))).toBe('G♯');
    expect(chordWords('F#m', key('D major', 2, major))).toBe('F♯m');
    expect([chordWords('Eb', key('C major', 0, major)), chordWords('F#', null)]).toEqual(['E♭', 'F♯']);
    // A suffix is no root.
    expect(chordWords('Gm7b5', key('F major', 5, major))).toBe('Gm7b5');
  });
});
