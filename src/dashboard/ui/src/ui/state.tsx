// One tone per kind of state, everywhere. Each has a shape as well, for those who do not see colours.

import { stateLabel } from '../i18n';
import type { Kind } from '../api/types';
import { Icon, type IconName } from './icon';

export type Tone =
  'ready' | 'timed' | 'waiting' | 'running' | 'good' | 'bad' | 'parked' | 'gone' | 'ended';

export function toneOf(state: string, kind: Kind): Tone {
  if (state === 'Failed') return 'bad';
  if (state === 'Succeeded' || state === 'BatchSucceeded') return 'good';
  if (state === 'Deleted') return 'gone';
  return kind === 'final' ? 'ended' : kind;
}

const icons: Record<Tone, IconName> = {
  ready: 'queues',
  timed: 'clock',
  waiting: 'hourglass',
  running: 'running',
  good: 'check',
  bad: 'failures',
  parked: 'flag',
  gone: 'minus',
  ended: 'partly',
};

const kinds: Record<string, Kind> = {
  Enqueued: 'ready',
  Scheduled: 'timed',
  Awaiting: 'waiting',
  Processing: 'running',
  Succeeded: 'final',
  Failed: 'parked',
  Deleted: 'final',
  BatchStarted: 'waiting',
  BatchSucceeded: 'final',
  BatchCompleted: 'final',
};

/** The kind of our own states; for users' states where the API gives none. */
export function kindOf(state: string): Kind {
  return kinds[state] ?? 'waiting';
}

export function StateIcon({ state, kind }: { state: string; kind: Kind }) {
  const tone = toneOf(state, kind);
  return (
    <span class={`state-icon tone-${tone}`}>
      <Icon name={icons[tone]} />
    </span>
  );
}

export function StateBadge({ state, kind }: { state: string; kind?: Kind }) {
  const tone = toneOf(state, kind ?? kindOf(state));
  return (
    <span class={`badge tone-${tone}`} dir="auto">
      <Icon name={icons[tone]} />
      <span class="badge-text">{stateLabel(state)}</span>
    </span>
  );
}
