import type { HistoryEntry } from '../api/types';
import { rich, t } from '../i18n';
import { microsecondsBetween } from '../text/time';
import { Panel } from '../ui/basics';
import { StateBadge, StateIcon } from '../ui/state';
import { Duration, Time } from '../ui/time';
import { StateData } from './exception';

/** Newest first, with the time between one state and the next. */
export function HistoryPanel({ history }: { history: readonly HistoryEntry[] }) {
  const entries = history.map((entry, index) => ({ entry, before: history[index - 1] })).reverse();
  return (
    <Panel title={t('job.history')}>
      <ol class="timeline">
        {entries.map(({ entry, before }, index) => (
          <li key={history.length - index} class={entry.elected_away ? 'elected-away' : ''}>
            <StateIcon state={entry.state} kind={entry.kind} />
            <div class="timeline-body">
              <p class="timeline-head">
                <StateBadge state={entry.state} kind={entry.kind} />
                {entry.elected_away && <span class="chip">{t('job.electedAway')}</span>}
                <span class="spacer" />
                {before && (
                  <span class="faint">
                    {rich('job.elapsed', {
                      duration: <Duration us={microsecondsBetween(before.at, entry.at)} />,
                    })}
                  </span>
                )}
                <Time at={entry.at} />
              </p>
              {entry.reason && (
                <p class="breakable" dir="auto">
                  {entry.reason}
                </p>
              )}
              <StateData data={entry.data} />
            </div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
