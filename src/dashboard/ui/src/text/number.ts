const formats = new Map<string, Intl.NumberFormat>();

function format(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.NumberFormat(locale, options);
    formats.set(key, found);
  }
  return found;
}

export function formatNumber(value: number, locale: string): string {
  return format(locale, { maximumFractionDigits: 2 }).format(value);
}

/** "12.3K" from a hundred thousand on, for places where the full number does not fit. */
export function formatShort(value: number, locale: string): string {
  if (Math.abs(value) < 100_000) return formatNumber(value, locale);
  return format(locale, { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}

export function formatPercent(value: number, locale: string): string {
  return format(locale, { style: 'percent', maximumFractionDigits: 0 }).format(value);
}

export function formatBytes(bytes: number, locale: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
  let value = bytes;
  let step = 0;
  while (value >= 1000 && step < units.length - 1) {
    value /= 1000;
    ++step;
  }
  const options = { style: 'unit', unit: units[step], unitDisplay: 'short' } as const;
  return format(locale, { ...options, maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}

/** Cuts in the middle, so that both ends can be compared with others. */
export function shortenId(id: string): string {
  return id.length <= 14 ? id : `${id.slice(0, 6)}…${id.slice(-6)}`;
}
