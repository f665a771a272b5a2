/** Kept pieces, and human music that comes with the studio. */

import type { Entry, Recording, Source } from '../api/source';
import type { Server } from '../api/server';

/** What the library lists. Methods reject with a problem. */
export class Library {
  entries = $state.raw<readonly Entry[]>([]);
  recordings = $state.raw<readonly Recording[]>([]);
  isLoading = $state(false);
  /** What is searched for in titles, notes, styles and parts. */
  search = $state('');
  onlyFavorites = $state(false);
  private nAsked = 0;

  /** Lists what is kept, under the search; of several at once the last one counts. */
  async load(server: Server): Promise<void> {
    const asked = ++this.nAsked;
    this.isLoading = true;
    try {
      const entries = await server.library(this.search, this.onlyFavorites);
      if (asked === this.nAsked) this.entries = entries;
    } finally {
      if (asked === this.nAsked) this.isLoading = false;
    }
  }

  /** Lists the human music, once. */
  async loadRecordings(source: Source): Promise<void> {
    if (this.recordings.length === 0) this.recordings = await source.recordings();
  }

  /** Makes a kept piece a favorite, or not; shown at once. */
  async setFavorite(server: Server, id: string, isFavorite: boolean): Promise<void> {
    const before = this.entries;
    this.entries = before.map((entry) => (entry.id === id ? { ...entry, isFavorite } : entry));
    try {
      await server.keep(id, { isFavorite });
    } catch (thrown) {
      this.entries = before;
      throw thrown;
    }
  }

  /** Takes a piece out. */
  async remove(server: Server, id: string): Promise<void> {
    await server.forget(id);
    this.entries = this.entries.filter((entry) => entry.id !== id);
  }
}
