// Loading what a view shows: once, again on demand, and again every so often while it is looked at.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export interface Loaded<T> {
  value?: T;
  error?: Error;
  loading: boolean;
  reload: () => void;
}

/** `every` milliseconds, unless the page is hidden. Changes of `dependencies` start over. */
export function useLoad<T>(load: () => Promise<T>, dependencies: unknown[], every = 0): Loaded<T> {
  const [state, setState] = useState<{ value?: T; error?: Error; loading: boolean }>({ loading: true });
  const [round, setRound] = useState(0);
  const shown = useRef<unknown[]>([]);
  const reload = useCallback(() => setRound((n) => n + 1), []);

  useEffect(() => {
    let current = true;
    let timer = 0;
    const same = shown.current.length === dependencies.length && shown.current.every((d, i) => d === dependencies[i]);
    if (!same) setState({ loading: true });
    shown.current = dependencies;
    const run = async () => {
      try {
        const value = await load();
        if (current) setState({ value, loading: false });
      } catch (error) {
        if (current) setState((before) => ({ value: before.value, error: error as Error, loading: false }));
      }
      if (current && every) timer = window.setTimeout(() => (document.hidden ? again() : void run()), every);
    };
    const again = () => (timer = window.setTimeout(() => (document.hidden ? again() : void run()), every));
    void run();
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [...dependencies, round]);

  return { ...state, reload };
}
