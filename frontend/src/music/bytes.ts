/** Writes and reads bytes: whole numbers of any size in as many bytes as they need, and text. */

/** Something that was read is not what it should be; the message says what, for whoever has the file or link. */
export class DamageError extends Error {}

/** A growing array of bytes. */
export class Writer {
  private bytes = new Uint8Array(1024);
  private size = 0;

  get length(): number {
    return this.size;
  }

  byte(value: number): void {
    if (this.size === this.bytes.length) {
      const larger = new Uint8Array(this.size * 2);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    this.bytes[this.size++] = value;
  }

  raw(bytes: ArrayLike<number>): void {
    for (let at = 0; at < bytes.length; at++) this.byte(bytes[at] as number);
  }

  /** A whole number from 0 to 2^53 in seven bits a byte, the lowest first, the last byte below 128. */
  number(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** A whole number of either sign: 0, -1, 1, -2, ... as 0, 1, 2, 3, ... */
  signed(value: number): void {
    this.number(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** UTF-8 after its length. */
  text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.number(bytes.length);
    this.raw(bytes);
  }

  done(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.size);
  }
}

/** Reads what a `Writer` wrote; throws `DamageError` where the bytes end early or a number is too large. */
export class Reader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** How many bytes are left. */
  get rest(): number {
    return this.bytes.length - this.at;
  }

  byte(): number {
    const value = this.bytes[this.at++];
    if (value === undefined) throw new DamageError('it ends too early');
    return value;
  }

  number(most: number): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (value > most) throw new DamageError(`it holds a number above ${most}`);
      if (byte < 128) return value;
      factor *= 128;
      if (factor > 2 ** 49) throw new DamageError('it holds a number without end');
    }
  }

  signed(most: number): number {
    const value = this.number(2 * most);
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  text(most: number): string {
    const length = this.number(most);
    if (length > this.rest) throw new DamageError('it ends too early');
    const bytes = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      throw new DamageError('it holds text that is none');
    }
  }

  /** How many elements follow; each takes a byte at least, so no more than there are bytes. */
  count(most: number): number {
    const count = this.number(most);
    if (count > this.rest) throw new DamageError('it tells more than it holds');
    return count;
  }
}

type Packed = 'deflate-raw' | 'gzip';

/** Bytes packed. */
export async function deflate(bytes: Uint8Array<ArrayBuffer>, format: Packed): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream(format));
  return read(stream, Infinity);
}

/** Bytes unpacked, if they are no more than so many: what would be larger is not unpacked to its end. */
export async function inflate(
  bytes: Uint8Array<ArrayBuffer>,
  format: Packed,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format));
  try {
    return await read(stream, most);
  } catch (thrown) {
    throw thrown instanceof DamageError ? thrown : new DamageError('it is not packed as it should be');
  }
}

async function read(stream: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > most) {
      await reader.cancel().catch(() => undefined);
      throw new DamageError(`it unpacks to more than ${most} bytes`);
    }
    chunks.push(value);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** Base64 as addresses take it: - and _ for + and /, and no = at the end. */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Reads base64 of addresses. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new DamageError('it holds characters that it should not');
  let binary: string;
  try {
    binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    throw new DamageError('it is cut short');
  }
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** Base64 as the API takes it. */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}

const LOCAL_FILE = 0x04034b50;

/** The files of a zip that are stored in it as they are, in their order. Throws `DamageError` for any other zip. */
export function storedFiles(zip: Uint8Array<ArrayBuffer>): ArrayBuffer[] {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const found: ArrayBuffer[] = [];
  let at = 0;
  while (at + 30 <= zip.length && view.getUint32(at, true) === LOCAL_FILE) {
    const [flags, method, size] = [
      view.getUint16(at + 6, true),
      view.getUint16(at + 8, true),
      view.getUint32(at + 18, true),
    ];
    const start = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
    if (method !== 0 || flags & 8 || start + size > zip.length) throw new DamageError('its files are not stored whole');
    found.push(zip.slice(start, start + size).buffer);
    at = start + size;
  }
  if (!found.length) throw new DamageError('it is no zip with files');
  return found;
}
