/** The page's surroundings in a browser. */

import { Server } from '../api/server';
import { Shards } from '../api/shards';
import { rootOf } from './address';
import { browserSound } from './player.svelte';
import type { Surroundings } from './studio_state.svelte';

/** The server or static site that the page is from: an exported one says so in a meta element. */
export function browserSurroundings(): Surroundings {
  const isStatic = document.querySelector('meta[name="source"]')?.getAttribute('content') === 'files';
  const root = rootOf(document.baseURI, import.meta.url, import.meta.env.PROD);
  const server = isStatic ? null : new Server(root);
  return {
    root,
    address: location.href,
    server,
    source: server ?? new Shards(root),
    sound: (info) => browserSound(info, root),
    showAddress: (address) => history.replaceState(null, '', address),
  };
}
