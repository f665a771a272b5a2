/** What a piece is to the page: what the server tells of it, and its notes. All onsets and durations are in ticks. */

/** A part of a piece: an instrument with its notes. */
export interface Part {
  /** Name of the instrument, or of the track of a file. */
  name: string;
  /** General MIDI program, 0 to 127; 0 for drums. */
  program: number;
  isDrum: boolean;
}

/** A note. */
export interface Note {
  /** Index of its part. */
  part: number;
  onset: number;
  duration: number;
  pitch: number;
  velocity: number;
  /** Whether it was there before: a note of the prompt that stays. */
  given: boolean;
}

/** The time during which the sustain pedal of a part is down. */
export interface Pedal {
  part: number;
  onset: number;
  duration: number;
}

/** From a tick on, quarter notes per minute. */
export interface Tempo {
  onset: number;
  bpm: number;
}

/** From a tick on, a time signature. */
export interface Meter {
  onset: number;
  numerator: number;
  denominator: number;
}

/** A key and its scale, such as C minor. */
export interface Key {
  name: string;
  /** Pitch class of the tonic, 0 to 11. */
  tonic: number;
  /** Pitch classes of the scale. */
  scale: number[];
}

/** A chord from a tick on; a name of '' ends the chord before. */
export interface Chord {
  onset: number;
  name: string;
}

/** What is known of a piece before its first note. */
export interface Head {
  title: string;
  /** Name of the composer's artifact; '' of music that no composer of ours wrote. */
  model: string;
  style: string;
  ticksPerQuarter: number;
  tempos: Tempo[];
  meters: Meter[];
  key: Key | null;
  chords: Chord[];
  bars: number;
  /** Ticks at which the piece ends: the end of its last bar. */
  end: number;
  /** Whether bars and beats mean anything: false of a performance whose ticks follow no beat. */
  hasGrid: boolean;
  parts: Part[];
  /** What was asked for; null of music that was not composed for a request. It holds no prompt. */
  request: Record<string, unknown> | null;
}

/** A piece; while it is being composed, as far as it is known. */
export interface Piece {
  /** Its address on the server; '' of a piece that no server holds. */
  id: string;
  head: Head;
  /** In any order while it is being composed; by onset, part and pitch when it is whole. */
  notes: Note[];
  pedals: Pedal[];
  /** Tick before which all notes are known; the end of a whole piece. */
  composedTo: number;
  isWhole: boolean;
}

/** The title that a person gave a piece; '' where it only has the one that the server gives: its style and its key. */
export function ownTitle({ title, model, style, key }: Head): string {
  const kind = (style || model).replaceAll('-', ' ');
  const given = kind.charAt(0).toUpperCase() + kind.slice(1) + (key ? ` in ${key.name}` : '');
  return model && title === given ? '' : title;
}
