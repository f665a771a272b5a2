/** Renders a piece to a WAV file in the browser, for sites without a server. */

import { BasicMIDI } from 'spessasynth_core';
import { audioBufferToWav, WorkletSynthesizer } from 'spessasynth_lib';
import processor from 'spessasynth_lib/dist/spessasynth_processor.min.js?url';
import { type Mix, writeMidi } from '../music/midi';
import type { Piece } from '../music/piece';
import { Timing } from '../music/timing';

const SAMPLE_RATE = 44_100;
/** Seconds after the last bar in which notes die away. */
const TAIL = 3;

/** The file: stereo, 16 bits. `mix`: programs as the font has them. */
export async function renderWav(piece: Piece, mix: readonly Mix[], soundfont: string): Promise<Blob> {
  const font = await (await fetch(soundfont)).arrayBuffer();
  const seconds = new Timing(piece.head).seconds(piece.head.end) + TAIL;
  const context = new OfflineAudioContext(2, Math.ceil(seconds * SAMPLE_RATE), SAMPLE_RATE);
  await context.audioWorklet.addModule(processor);
  // At volume 0 a trace of a part is left, which would be loud where nothing else is heard: the file is normalized.
  const heard = { ...piece, notes: piece.notes.filter(({ part }) => mix[part]?.gain !== 0) };
  const engine = new WorkletSynthesizer(context);
  engine.connect(context.destination);
  await engine.startOfflineRender({
    midiSequence: BasicMIDI.fromArrayBuffer(writeMidi(heard, mix).buffer),
    loopCount: 0,
    soundBankList: [{ bankOffset: 0, soundBankBuffer: font }],
    sequencerOptions: { skipToFirstNoteOn: false },
  });
  return new Blob([audioBufferToWav(await context.startRendering())], { type: 'audio/wav' });
}
