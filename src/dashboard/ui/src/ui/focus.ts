// Where the keyboard is, when what it is in moves.

import { useLayoutEffect } from 'preact/hooks';

/**
 * For components that show a list: what has the focus keeps it when the list changes around it. An
 * element that changes its place in the document loses it otherwise.
 */
export function useKeptFocus(): void {
  const before = document.activeElement;
  useLayoutEffect(() => {
    if (document.activeElement !== document.body || !before?.isConnected) return;
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  });
}
