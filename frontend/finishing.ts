import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const COMPRESSED = /\.(css|js|json|mjs|svg|txt|wasm|webmanifest)$/;
/** What lies in this folder and is no input of the build. `hatch_build.py` has the same list. */
const NO_INPUTS = new Set(['node_modules', 'tests']);

/** Packages of which the build holds something; their licences travel with it. */
const HELD = ['svelte', 'spessasynth_lib', 'spessasynth_core', '@fontsource-variable/instrument-sans'];

/** The files below a folder, with their whole paths. */
function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

/**
 * The SHA-256, in hexadecimal, of all that a build is made from: of a line for each file, sorted, with its path and
 * the SHA-256 of its bytes. `digest_of_inputs` in `hatch_build.py` computes the same.
 */
function digestOfInputs(root: string): string {
  const lines: string[] = [];
  for (const path of filesBelowInputs(root)) {
    const name = relative(root, path).split(sep).join('/');
    lines.push(`${name} ${createHash('sha256').update(readFileSync(path)).digest('hex')}\n`);
  }
  return createHash('sha256').update(lines.sort().join('')).digest('hex');
}

function* filesBelowInputs(root: string): Generator<string> {
  for (const name of readdirSync(root)) {
    if (NO_INPUTS.has(name) || name.startsWith('.')) continue;
    const path = join(root, name);
    if (statSync(path).isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

/** The licences of what the build holds, one after the other, each under the name and version of its package. */
function licences(root: string): string {
  const texts = HELD.map((name) => {
    const folder = join(root, 'node_modules', name);
    const licence = readdirSync(folder).find((file) => /^licen[cs]e/i.test(file));
    if (!licence) throw new Error(`${name} has no licence that could travel with the build`);
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf-8')) as { version: string };
    return `${name} ${version}\n\n${readFileSync(join(folder, licence), 'utf-8').trim()}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** Writes the compressed siblings `.gz` and `.br` of a file, each if it is smaller than the file. */
function compress(path: string): void {
  const bytes = readFileSync(path);
  const smallest = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  const siblings = { gz: gzipSync(bytes, { level: 9 }), br: brotliCompressSync(bytes, { params: smallest }) };
  for (const [ending, smaller] of Object.entries(siblings)) {
    if (smaller.length < bytes.length) writeFileSync(`${path}.${ending}`, smaller);
  }
}

/**
 * Vite plugin for the end of a build: adds the licences, compresses the assets, once, so that no server has to; and writes
 * `inputs.sha256`, by which the packaging finds that the build is that of the sources.
 */
export function finishing(): Plugin {
  let root = '';
  let built = '';
  let digest = '';
  return {
    name: 'finishing',
    apply: 'build',
    configResolved(config) {
      root = config.root;
      built = resolve(config.root, config.build.outDir);
    },
    buildStart() {
      digest = digestOfInputs(root); // at the start: what is edited meanwhile makes the build stale
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      handler(error?: Error) {
        if (error) return;
        writeFileSync(join(built, 'assets', 'licences.txt'), licences(root));
        for (const path of [...filesBelow(join(built, 'assets'))]) if (COMPRESSED.test(path)) compress(path);
        writeFileSync(join(built, 'inputs.sha256'), `${digest}\n`);
      },
    },
  };
}
