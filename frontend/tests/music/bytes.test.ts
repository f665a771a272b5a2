import { describe, expect, it } from 'vitest';
import { DamageError, storedFiles } from '../../src/music/bytes';

/** A zip as Python writes one, without the directory at its end. */
function zip(files: readonly string[], change: { method?: number; flags?: number } = {}): Uint8Array<ArrayBuffer> {
  const bytes = files.flatMap((text, index) => {
    const [name, data] = [`0${index} part.mp3`, [...new TextEncoder().encode(text)]];
    const header = new DataView(new ArrayBuffer(30));
    header.setUint32(0, 0x04034b50, true);
    header.setUint16(6, change.flags ?? 0, true);
    header.setUint16(8, change.method ?? 0, true);
    header.setUint32(18, data.length, true);
    header.setUint32(22, data.length, true);
    header.setUint16(26, name.length, true);
    return [...new Uint8Array(header.buffer), ...new TextEncoder().encode(name), ...data];
  });
  return Uint8Array.from([...bytes, 0x50, 0x4b, 1, 2]);
}

describe('a zip', () => {
  it('gives its files in their order', () => {
    const found = storedFiles(zip(['one', '', 'three']));
    expect(found.map((file) => new TextDecoder().decode(file))).toEqual(['one', '', 'three']);
  });

  it('is refused where it is none, ends early, is packed, or does not say how long its files are', () => {
    const whole = zip(['one']);
    for (const bad of [new Uint8Array(), whole.slice(0, 41), zip(['one'], { method: 8 }), zip(['one'], { flags: 8 })]) {
      expect(() => storedFiles(bad)).toThrow(DamageError);
    }
  });
});
