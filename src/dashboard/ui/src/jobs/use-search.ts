import { useSignal, type Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ApiError, get } from '../api/client';
import { tick } from '../api/live';
import type { JobPage, JobSummary } from '../api/types';
import { nothing, searchPieces, type Found, type Piece } from '../search/piecewise';
import { settings } from '../state/settings';

export interface JobSearch {
  found: Signal<Found<JobSummary>>;
  searching: Signal<boolean>;
  loaded: Signal<boolean>; // the first answer is there
  error: Signal<ApiError | null>;
  more: () => void;
  stop: () => void;
  refresh: () => void;
  /** The server had to look through jobs one by one, so the list is not refreshed by itself. */
  piecewise: () => boolean;
}

const mostRefreshed = 1000;

/** The jobs that match, page by page. `makeParameters` is asked anew whenever the search starts. */
export function useJobSearch(key: string, makeParameters: () => Record<string, string> | null): JobSearch {
  const found = useSignal<Found<JobSummary>>(nothing);
  const searching = useSignal(false);
  const loaded = useSignal(false);
  const error = useSignal<ApiError | null>(null);
  const run = useRef({ number: 0, stopped: false, sparse: false, parameters: {} as Record<string, string> });
  const make = useRef(makeParameters);
  make.current = makeParameters;

  const fetchPiece = async (cursor: string | null, limit: number): Promise<Piece<JobSummary>> => {
    const page = await get<JobPage>('jobs', { ...run.current.parameters, limit, cursor });
    if (page.jobs.length < limit && page.next !== null) run.current.sparse = true;
    return { items: page.jobs, next: page.next, examined: page.examined };
  };

  const attempt = async (work: (mine: () => boolean) => Promise<void>) => {
    const number = ++run.current.number;
    const mine = () => run.current.number === number;
    run.current.stopped = false;
    searching.value = true;
    try {
      await work(mine);
      if (mine()) error.value = null;
    } catch (problem) {
      if (mine()) error.value = problem instanceof ApiError ? problem : new ApiError(0, String(problem));
    } finally {
      if (mine()) {
        searching.value = false;
        loaded.value = true;
      }
    }
  };

  const goOn = (start: Found<JobSummary>) =>
    void attempt(async (mine) => {
      const limit = settings.value.pageSize;
      await searchPieces(start, limit, (cursor) => fetchPiece(cursor, limit), (news) => {
        if (mine()) {
          found.value = { ...news, items: unique(news.items) };
          loaded.value = true;
        }
        return mine() && !run.current.stopped;
      });
    });

  const startAnew = () => {
    const parameters = make.current();
    run.current.sparse = false;
    if (parameters === null) {
      ++run.current.number;
      found.value = nothing;
      loaded.value = true;
      return;
    }
    run.current.parameters = parameters;
    goOn(nothing);
  };

  const refreshQuietly = () => {
    if (searching.value || run.current.sparse || found.value.items.length > mostRefreshed) return;
    const parameters = make.current();
    if (parameters === null) return;
    run.current.parameters = parameters;
    void attempt(async (mine) => {
      const limit = Math.max(settings.value.pageSize, found.value.items.length);
      const piece = await fetchPiece(null, Math.min(limit, mostRefreshed));
      if (mine()) found.value = { ...piece, pieces: 1 };
    });
  };

  useEffect(() => {
    loaded.value = false;
    found.value = nothing;
    startAnew();
    let first = true;
    const stop = tick.subscribe(() => {
      if (!first) refreshQuietly();
      first = false;
    });
    return () => {
      stop();
      ++run.current.number;
    };
  }, [key]);

  return {
    found,
    searching,
    loaded,
    error,
    more: () => goOn(found.value),
    stop: () => (run.current.stopped = true),
    refresh: startAnew,
    piecewise: () => run.current.sparse,
  };
}

// A job that has moved on while pages were fetched may come twice.
function unique(jobs: JobSummary[]): JobSummary[] {
  const seen = new Set<string>();
  return jobs.filter(({ id }) => !seen.has(id) && seen.add(id));
}
