// The same numbers in every run, so that screenshots can be compared.

export function createRandom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
  const between = (least, most) => least + Math.floor(next() * (most - least + 1));
  const pick = (list) => list[Math.floor(next() * list.length)];
  const chance = (share) => next() < share;
  const hex = (digits) =>
    Array.from({ length: digits }, () => between(0, 15).toString(16)).join('');
  const id = () => `0197${hex(4)}-${hex(4)}-7${hex(3)}-a${hex(3)}-${hex(12)}`;
  return { next, between, pick, chance, hex, id };
}
