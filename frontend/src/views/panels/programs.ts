/** The instruments of General MIDI, in their sixteen families of eight. */

const FAMILIES: readonly (readonly [string, string])[] = [
  ['Piano', 'Grand piano,Bright piano,Electric grand,Honky-tonk,Electric piano,Electric piano 2,Harpsichord,Clavinet'],
  ['Chromatic percussion', 'Celesta,Glockenspiel,Music box,Vibraphone,Marimba,Xylophone,Tubular bells,Dulcimer'],
  ['Organ', 'Drawbar organ,Percussive organ,Rock organ,Church organ,Reed organ,Accordion,Harmonica,Bandoneon'],
  [
    'Guitar',
    'Nylon guitar,Steel guitar,Jazz guitar,Clean guitar,Muted guitar,Overdriven guitar,Distorted guitar,Harmonics',
  ],
  ['Bass', 'Acoustic bass,Finger bass,Picked bass,Fretless bass,Slap bass,Slap bass 2,Synth bass,Synth bass 2'],
  ['Strings', 'Violin,Viola,Cello,Contrabass,Tremolo strings,Pizzicato strings,Harp,Timpani'],
  ['Ensemble', 'Strings,Slow strings,Synth strings,Synth strings 2,Choir,Voice oohs,Synth voice,Orchestra hit'],
  ['Brass', 'Trumpet,Trombone,Tuba,Muted trumpet,French horn,Brass section,Synth brass,Synth brass 2'],
  ['Reed', 'Soprano sax,Alto sax,Tenor sax,Baritone sax,Oboe,English horn,Bassoon,Clarinet'],
  ['Pipe', 'Piccolo,Flute,Recorder,Pan flute,Blown bottle,Shakuhachi,Whistle,Ocarina'],
  ['Synth lead', 'Square lead,Saw lead,Calliope lead,Chiff lead,Charang lead,Voice lead,Fifths lead,Bass and lead'],
  ['Synth pad', 'New age pad,Warm pad,Polysynth pad,Choir pad,Bowed pad,Metallic pad,Halo pad,Sweep pad'],
  ['Synth effects', 'Rain,Soundtrack,Crystal,Atmosphere,Brightness,Goblins,Echoes,Sci-fi'],
  ['World', 'Sitar,Banjo,Shamisen,Koto,Kalimba,Bagpipe,Fiddle,Shanai'],
  ['Percussive', 'Tinkle bell,Agogo,Steel drums,Woodblock,Taiko,Melodic tom,Synth drum,Reverse cymbal'],
  ['Sounds', 'Fret noise,Breath noise,Seashore,Birds,Telephone,Helicopter,Applause,Gunshot'],
];

/** Families of instruments, each with its programs from 0. */
export const PROGRAM_FAMILIES: readonly { name: string; programs: readonly { program: number; name: string }[] }[] =
  FAMILIES.map(([name, list], family) => ({
    name,
    programs: list.split(',').map((each, index) => ({ program: family * 8 + index, name: each })),
  }));
