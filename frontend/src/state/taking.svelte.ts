/** Taking music away: files, links, the engraved score. */

import type { Server } from '../api/server';
import type { StudioInfo } from '../api/source';
import { type Mix, writeMidi } from '../music/midi';
import { MOST_CHARACTERS, pack } from '../music/packing';
import type { Piece } from '../music/piece';
import { addressOf, linkOf } from './address';
import type { Mixer } from './mixer.svelte';

const ILLEGAL = /[\\/:*?"<>|\p{Cc}]+/gu;

/** Makes files of a piece. Methods reject with a problem. */
export class Taking {
  /** Ending of the file that is being made; null if none is. */
  ending = $state<string | null>(null);

  constructor(
    private readonly root: string,
    private readonly mixer: Mixer,
  ) {}

  /** Saves a piece, when it is there, as a file, the mixer included. Without a server, MIDI and WAV are made here. */
  async save(asked: Promise<Piece | null>, ending: string, server: Server | null, info: StudioInfo): Promise<void> {
    this.ending = ending;
    try {
      const piece = await asked;
      if (!piece) return;
      deliver(await this.file(piece, ending, server, info), `${fileName(piece)}.${ending}`);
    } finally {
      this.ending = null;
    }
  }

  /** A link to the piece that carries it, or where that is too long and the server has it, its address. */
  async link(piece: Piece, isStatic: boolean): Promise<string> {
    const link = linkOf(await pack(piece), this.root);
    return link.length > MOST_CHARACTERS && piece.id ? addressOf(piece.id, this.root, isStatic) : link;
  }

  /** The engraved score as SVG text. */
  async score(piece: Piece, server: Server): Promise<string> {
    return (await server.file('svg', writeMidi(piece), titleOf(piece))).text();
  }

  private async file(piece: Piece, ending: string, server: Server | null, info: StudioInfo): Promise<Blob> {
    if (ending === 'mid') return new Blob([writeMidi(piece, this.mix(piece))], { type: 'audio/midi' });
    if (server) return server.file(ending, writeMidi(piece, this.mix(piece)), titleOf(piece));
    const { renderWav } = await import('../sound/wav');
    const mix = this.mix(piece).map((own) => ({ ...own, program: info.programs[own.program] ?? own.program }));
    return renderWav(piece, mix, this.root + info.soundfont);
  }

  private mix(piece: Piece): Mix[] {
    return piece.head.parts.map((part, index) => {
      const strip = this.mixer.strips[index];
      const gain = this.mixer.isHeard(index) ? (strip?.volume ?? 1) : 0;
      return { gain, pan: strip?.pan ?? 0, program: strip?.program ?? part.program };
    });
  }
}

/** What a piece is called in files. */
export function titleOf(piece: Piece): string {
  return piece.head.title || piece.head.style || 'Componium';
}

function fileName(piece: Piece): string {
  return titleOf(piece).replace(ILLEGAL, ' ').trim().slice(0, 80) || 'piece';
}

/** Has the browser save a file. */
function deliver(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has to have begun reading it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
