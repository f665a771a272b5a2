/** Kept pieces, and human music that comes with the studio. */

import type { Entry, Recording } from '../api/source';

/** What the library lists; filled by its `load`. */
export class Library {
  entries = $state.raw<readonly Entry[]>([]);
  recordings = $state.raw<readonly Recording[]>([]);
  isLoading = $state(false);
  /** What is searched for in titles, notes, styles and parts. */
  search = $state('');
  onlyFavorites = $state(false);
}
