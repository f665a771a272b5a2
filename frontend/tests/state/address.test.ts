import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf, linkOf, named, rootOf } from '../../src/state/address';

const roots = fc.constantFrom('http://here/', 'https://here:8765/base/', 'https://user.github.io/a/b/');

describe('named', () => {
  it('finds what an address was made for, under any prefix', () => {
    fc.assert(
      fc.property(roots, fc.string({ minLength: 1, unit: 'grapheme' }), fc.boolean(), (root, id, isStatic) => {
        fc.pre(id !== '.' && id !== '..');
        expect(named(addressOf(id, root, isStatic), root)).toEqual({ kind: 'piece', id });
      }),
    );
    expect(named(linkOf('Ab-_9', 'http://here/base/'), 'http://here/base/')).toEqual({ kind: 'link', packed: 'Ab-_9' });
  });

  it('is a new piece for anything else', () => {
    for (const address of [
      '',
      'http://here/base/',
      'http://here/base/p/',
      '#',
      '#x=1',
      'http://elsewhere/p/a',
      '#m=',
      '#%',
    ]) {
      expect(named(address, 'http://here/base/')).toEqual({ kind: 'new' });
    }
    expect(named('http://here/base/p/a%ZZ', 'http://here/base/')).toEqual({ kind: 'piece', id: 'a%ZZ' });
  });
});

describe('rootOf', () => {
  it('is beside the scripts of the build, or of the page in development', () => {
    const script = 'https://here/base/assets/index-1.js';
    expect(rootOf('https://here/base/p/abc', script, true)).toBe('https://here/base/');
    expect(rootOf('http://here:5173/p/abc', 'http://here:5173/src/state/browser.ts', false)).toBe('http://here:5173/');
  });
});
