import { useSignal, type Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { ApiError } from './client';
import { tick } from './live';

export interface Resource<T> {
  data: Signal<T | null>;
  error: Signal<ApiError | null>;
  loading: Signal<boolean>;
  reload: () => void;
}

/**
 * Loads something for a component, again whenever `key` changes, and, if `live`, with every tick.
 * Old data stays until the new has come, so that nothing flickers.
 */
export function useResource<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  live = true,
): Resource<T> {
  const data = useSignal<T | null>(null);
  const error = useSignal<ApiError | null>(null);
  const loading = useSignal(true);
  const loader = useRef(load);
  loader.current = load;
  const abort = useRef<AbortController | null>(null);

  const run = (quiet: boolean) => {
    if (quiet && abort.current) return; // One is on its way.
    abort.current?.abort();
    const controller = new AbortController();
    abort.current = controller;
    loading.value = true;
    loader
      .current(controller.signal)
      .then((value) => {
        if (controller.signal.aborted) return;
        data.value = value;
        error.value = null;
      })
      .catch((problem: unknown) => {
        if (controller.signal.aborted) return;
        error.value = problem instanceof ApiError ? problem : new ApiError(0, String(problem));
      })
      .finally(() => {
        if (abort.current !== controller) return;
        abort.current = null;
        loading.value = false;
      });
  };

  useEffect(() => {
    data.value = null;
    run(false);
    return () => {
      abort.current?.abort();
      abort.current = null;
    };
  }, [key]);

  useEffect(() => {
    if (!live) return;
    let first = true;
    return tick.subscribe(() => {
      if (!first) run(true);
      first = false;
    });
  }, [key, live]);

  return { data, error, loading, reload: () => run(false) };
}
