// Durations are whole microseconds.

const unitSizes: Record<string, number> = {
  us: 1,
  ms: 1e3,
  s: 1e6,
  m: 60e6,
  min: 60e6,
  h: 3600e6,
  d: 86400e6,
  w: 7 * 86400e6,
};

/** "1h30m", "500ms", "2d" as microseconds; null when it is not a duration. */
export function parseDuration(text: string): number | null {
  const pattern = /(\d+(?:\.\d+)?)(us|ms|min|s|m|h|d|w)/gy;
  let total = 0;
  let at = 0;
  while (at < text.length) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match?.[1] || !match[2]) return null;
    total += Number(match[1]) * (unitSizes[match[2]] ?? 0);
    at = pattern.lastIndex;
  }
  return at === 0 || !Number.isSafeInteger(Math.round(total)) ? null : Math.round(total);
}

const numbers = new Map<string, Intl.NumberFormat>();
function unit(locale: string, name: string, value: number, digits: number): string {
  const key = `${locale} ${name} ${digits}`;
  let found = numbers.get(key);
  if (!found) {
    found = new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: name,
      unitDisplay: 'narrow',
      maximumFractionDigits: digits,
    });
    numbers.set(key, found);
  }
  return found.format(value);
}

/** "350ms", "2.41s", "3m 4s", "2d 5h" or as the language has it: at most two units. */
export function formatDuration(microseconds: number, locale: string): string {
  const value = Math.abs(microseconds);
  const sign = microseconds < 0 ? '−' : '';
  if (value < 1000) return `${sign}${new Intl.NumberFormat(locale).format(value)}µs`;
  if (value < 1e6) return sign + unit(locale, 'millisecond', value / 1e3, value < 1e4 ? 1 : 0);
  if (value < 60e6) return sign + unit(locale, 'second', value / 1e6, value < 10e6 ? 2 : 1);
  const pairs: [string, number, string, number][] = [
    ['minute', 60e6, 'second', 1e6],
    ['hour', 3600e6, 'minute', 60e6],
    ['day', 86400e6, 'hour', 3600e6],
  ];
  const pair = value < 3600e6 ? pairs[0] : value < 86400e6 ? pairs[1] : pairs[2];
  if (!pair) return '';
  const [large, largeSize, small, smallSize] = pair;
  const whole = Math.floor(value / largeSize);
  const rest = Math.floor((value % largeSize) / smallSize);
  const first = sign + unit(locale, large, whole, 0);
  return rest === 0 ? first : `${first} ${unit(locale, small, rest, 0)}`;
}
