import { describe, expect, it } from 'vitest';
import { drawMiniature } from '../../src/roll/strokes';
import { note, piece } from '../helpers/pieces';

const HEIGHT = 26;

/** Tops of what is drawn of a piece. */
function tops(...notes: Parameters<typeof note>[]): number[] {
  const found: number[] = [];
  const context = { scale: () => undefined, fillRect: (_x: number, y: number) => found.push(y) };
  const canvas = { style: {}, getContext: () => context } as unknown as HTMLCanvasElement;
  drawMiniature(canvas, piece(notes.map((own) => note(...own))), ['#000', '#111', '#222'], 200, HEIGHT, 1);
  return found;
}

describe('a miniature', () => {
  it('has room for every pitch, the higher the farther up, and drums at its foot', () => {
    const pitches = Array.from({ length: 88 }, (_, key) => 21 + key);
    const drawn = tops(...pitches.map((pitch): Parameters<typeof note> => [0, pitch, 12, pitch]), [2, 0, 12, 36]);
    const [drums, pitched] = [drawn.at(-1), drawn.slice(0, -1)];
    expect(drums).toBe(HEIGHT - 2);
    expect(Math.min(...pitched)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...pitched)).toBeLessThan(HEIGHT - 4);
    expect(pitched.every((y, index) => index === 0 || y < (pitched[index - 1] as number))).toBe(true);
  });
});
