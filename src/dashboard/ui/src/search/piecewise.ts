// What no index serves is searched by the server in pieces: each answer holds what it has found and
// where to go on. This goes on by itself for some pieces, and then waits to be asked.

export interface Piece<Item> {
  items: Item[];
  next: string | null;
  examined: number;
}
export interface Found<Item> {
  items: Item[];
  next: string | null;
  examined: number;
  pieces: number;
}

export const automaticPieces = 10;

export const nothing = { items: [], next: null, examined: 0, pieces: 0 };

/** Fetches pieces until `wanted` more items are there, all is searched, or enough has been tried. */
export async function searchPieces<Item>(
  start: Found<Item>,
  wanted: number,
  fetchPiece: (cursor: string | null) => Promise<Piece<Item>>,
  report: (found: Found<Item>) => boolean, // false: stop
): Promise<Found<Item>> {
  let found = start;
  const goal = start.items.length + wanted;
  for (let round = 0; round < automaticPieces; ++round) {
    const piece = await fetchPiece(found.next);
    found = {
      items: [...found.items, ...piece.items],
      next: piece.next,
      examined: found.examined + piece.examined,
      pieces: found.pieces + 1,
    };
    const goOn = report(found);
    if (!goOn || found.next === null || found.items.length >= goal) break;
  }
  return found;
}
