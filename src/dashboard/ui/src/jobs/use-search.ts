import { signal, type Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ApiError, get } from '../api/client';
import { tick } from '../api/live';
import type { JobPage, JobSummary } from '../api/types';
import { nothing, searchPieces, type Found, type Piece } from '../search/piecewise';
import { settings } from '../state/settings';

type Parameters = Record<string, string>;
const mostRefreshed = 1000;

/** The jobs that match, page by page. */
export class JobSearch {
  readonly found: Signal<Found<JobSummary>> = signal(nothing);
  readonly searching = signal(false);
  readonly loaded = signal(false); // the first answer is there
  readonly error = signal<ApiError | null>(null);
  /** Asked anew whenever the search starts, as ages count from now; null searches nothing. */
  makeParameters: () => Parameters | null = () => null;

  private parameters: Parameters = {};
  private run = 0; // what an older one still receives is dropped
  private stopped = false;
  private sparse = false;

  /** The server had to look through jobs one by one, so the list is not refreshed by itself. */
  piecewise(): boolean {
    return this.sparse;
  }

  stop(): void {
    this.stopped = true;
  }

  abandon(): void {
    ++this.run;
  }

  more(): void {
    this.goOn(this.found.value);
  }

  start(): void {
    this.sparse = false;
    const parameters = this.makeParameters();
    if (parameters === null) {
      this.abandon();
      this.found.value = nothing;
      this.loaded.value = true;
      return;
    }
    this.parameters = parameters;
    this.goOn(nothing);
  }

  clear(): void {
    this.loaded.value = false;
    this.found.value = nothing;
  }

  /** Fetches as many as are shown, in one request. */
  refreshQuietly(): void {
    const count = this.found.value.items.length;
    if (this.searching.value || this.sparse || count > mostRefreshed) return;
    const parameters = this.makeParameters();
    if (parameters === null) return;
    this.parameters = parameters;
    void this.attempt(async (mine) => {
      const limit = Math.max(settings.value.pageSize, count);
      const piece = await this.fetchPiece(null, Math.min(limit, mostRefreshed));
      if (mine()) this.found.value = { ...piece, pieces: 1 };
    });
  }

  private goOn(start: Found<JobSummary>): void {
    void this.attempt(async (mine) => {
      const limit = settings.value.pageSize;
      const fetch = (cursor: string | null) => this.fetchPiece(cursor, limit);
      await searchPieces(start, limit, fetch, (news) => {
        if (mine()) {
          this.found.value = { ...news, items: unique(news.items) };
          this.loaded.value = true;
        }
        return mine() && !this.stopped;
      });
    });
  }

  private async fetchPiece(cursor: string | null, limit: number): Promise<Piece<JobSummary>> {
    const page = await get<JobPage>('jobs', { ...this.parameters, limit, cursor });
    if (page.jobs.length < limit && page.next !== null) this.sparse = true;
    return { items: page.jobs, next: page.next, examined: page.examined };
  }

  private async attempt(work: (mine: () => boolean) => Promise<void>): Promise<void> {
    const number = ++this.run;
    const mine = () => this.run === number;
    this.stopped = false;
    this.searching.value = true;
    try {
      await work(mine);
      if (mine()) this.error.value = null;
    } catch (problem) {
      const known = problem instanceof ApiError ? problem : new ApiError(0, String(problem));
      if (mine()) this.error.value = known;
    } finally {
      if (mine()) {
        this.searching.value = false;
        this.loaded.value = true;
      }
    }
  }
}

// A job that has moved on while pages were fetched may come twice.
function unique(jobs: JobSummary[]): JobSummary[] {
  const seen = new Set<string>();
  return jobs.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/** A search that starts anew with every `key`, and refreshes with every tick. */
export function useJobSearch(key: string, makeParameters: () => Parameters | null): JobSearch {
  const reference = useRef<JobSearch | null>(null);
  const search = (reference.current ??= new JobSearch());
  search.makeParameters = makeParameters;
  useEffect(() => {
    search.clear();
    search.start();
    let first = true;
    const unsubscribe = tick.subscribe(() => {
      if (!first) search.refreshQuietly();
      first = false;
    });
    return () => {
      unsubscribe();
      search.abandon();
    };
  }, [key]);
  return search;
}
