// Instants are RFC 3339 text with microseconds. They are parsed to milliseconds for arithmetic, and
// shown from the text where the microseconds matter.

export interface TimeStyle {
  locale: string;
  zone: string | undefined; // undefined: that of the browser
}

export function toMilliseconds(instant: string): number {
  return Date.parse(instant);
}

/** Whole microseconds between two instants. Exact, unlike the difference of two dates. */
export function microsecondsBetween(from: string, to: string): number {
  const seconds = (Math.floor(Date.parse(to) / 1000) - Math.floor(Date.parse(from) / 1000)) * 1e6;
  return seconds + fraction(to) - fraction(from);
}

function fraction(instant: string): number {
  const match = /\.(\d{1,6})/.exec(instant);
  return match?.[1] ? Number(match[1].padEnd(6, '0')) : 0;
}

const formats = new Map<string, Intl.DateTimeFormat>();
function format(style: TimeStyle, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([style, options]);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(style.locale, { ...options, timeZone: style.zone });
    formats.set(key, found);
  }
  return found;
}

const daily = { year: 'numeric', month: 'short', day: 'numeric' } as const;
const timely = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;

/** "26 Nov 2026, 14:03:12" */
export function formatAbsolute(instant: string | number, style: TimeStyle): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return String(instant);
  return format(style, { ...daily, ...timely }).format(date);
}

/** With milliseconds and the zone's name: for titles. */
export function formatExact(instant: string | number, style: TimeStyle): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return String(instant);
  const options = {
    ...daily,
    ...timely,
    fractionalSecondDigits: 3,
    timeZoneName: 'short',
  } as const;
  return format(style, options).format(date);
}

export function formatClock(instant: string | number, style: TimeStyle): string {
  return format(style, timely).format(new Date(instant));
}

export function formatHour(instant: string | number, style: TimeStyle, withDay: boolean): string {
  const options: Intl.DateTimeFormatOptions = withDay
    ? { month: 'short', day: 'numeric' }
    : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  return format(style, options).format(new Date(instant));
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['second', 60],
  ['minute', 60],
  ['hour', 24],
  ['day', 30.44],
  ['month', 12],
  ['year', Infinity],
];
const relatives = new Map<string, Intl.RelativeTimeFormat>();

/** "3 minutes ago", "in 2 hours" */
export function formatRelative(instant: string | number, now: number, locale: string): string {
  let value = (new Date(instant).getTime() - now) / 1000;
  if (Number.isNaN(value)) return String(instant);
  let relative = relatives.get(locale);
  if (!relative) {
    relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
    relatives.set(locale, relative);
  }
  for (const [unit, size] of steps) {
    if (Math.abs(value) < size || size === Infinity) {
      // Towards zero: what is 90 minutes old has not been there for two hours.
      return relative.format(Math.trunc(value), unit);
    }
    value /= size;
  }
  return String(instant);
}

/** The instant at which clocks of the zone show the given local time ("2026-11-26T14:03"). */
export function fromLocal(local: string, zone: string | undefined): Date | null {
  if (zone === undefined) {
    const date = new Date(local);
    return Number.isNaN(date.getTime()) ? null : date;
  }
  const wanted = Date.parse(local + 'Z');
  if (Number.isNaN(wanted)) return null;
  let guess = wanted;
  // Twice, because the first guess may fall on the other side of a change of the clocks.
  for (let round = 0; round < 2; ++round) guess = wanted - offsetAt(guess, zone);
  return new Date(guess);
}

function offsetAt(instant: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(instant);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? '00';
  const local = Date.parse(
    `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}Z`,
  );
  return local - Math.floor(instant / 1000) * 1000;
}
