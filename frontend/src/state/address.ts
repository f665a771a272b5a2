/** The page's address: where it is served, and which piece it names. */

/** What an address names. */
export type Named =
  | { kind: 'new' }
  /** A stored piece, or a numbered one of a static site. */
  | { kind: 'piece'; id: string }
  /** A link that carries the music. */
  | { kind: 'link'; packed: string };

/** Address of the page below which everything is, with a slash at its end. */
export function rootOf(page: string, script: string, isBuilt: boolean): string {
  // Scripts of the build are in assets/ beside the page; in development they come from the page's own root.
  return new URL(isBuilt ? '../' : '/', isBuilt ? script : page).href;
}

/** What an address names: `p/ID` below the root, or `#p=ID`, or `#m=MUSIC`. Throws nothing. */
export function named(address: string, root: string): Named {
  const url = new URL(address, root);
  const fragment = new URLSearchParams(url.hash.slice(1));
  const packed = fragment.get('m');
  if (packed) return { kind: 'link', packed };
  const numbered = fragment.get('p');
  if (numbered) return { kind: 'piece', id: numbered };
  const path = url.href.startsWith(root) ? url.href.slice(root.length) : '';
  const id = /^p\/([^/?#]+)/.exec(path)?.[1];
  return id ? { kind: 'piece', id: decoded(id) } : { kind: 'new' };
}

/** The address of a piece; a static site has no paths of its own. */
export function addressOf(id: string, root: string, isStatic: boolean): string {
  if (!id) return root;
  return isStatic ? `${root}#p=${encodeURIComponent(id)}` : `${root}p/${encodeURIComponent(id)}`;
}

/** The link that carries a packed piece. */
export function linkOf(packed: string, root: string): string {
  return `${root}#m=${packed}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
