import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { get, segment } from '../api/client';
import { tick } from '../api/live';
import type { Log } from '../api/types';
import { t } from '../i18n';
import { formatClock, formatExact } from '../text/time';
import { Panel } from '../ui/basics';
import { timeStyle } from '../ui/time';

const piece = 500;
const mostKept = 5000;

function useLog(id: string, running: boolean) {
  const lines = useSignal<Log['lines']>([]);
  const loaded = useSignal(false);
  const busy = useRef(false);

  useEffect(() => {
    let ended = false;
    const load = async () => {
      if (busy.current) return;
      busy.current = true;
      try {
        for (;;) {
          const after = lines.value.at(-1)?.number;
          const log = await get<Log>(`jobs/${segment(id)}/log`, { after, limit: piece });
          if (ended) return;
          if (log.lines.length > 0) lines.value = [...lines.value, ...log.lines].slice(-mostKept);
          if (log.lines.length < piece) break;
        }
        loaded.value = true;
      } catch {
        loaded.value = true; // The page around it tells what is wrong.
      } finally {
        busy.current = false;
      }
    };
    void load();
    const stop = running ? tick.subscribe(() => void load()) : () => {};
    return () => {
      ended = true;
      busy.current = false;
      stop();
    };
  }, [id, running]);
  return { lines, loaded };
}

/** The log so far, and, while the job runs, what it writes. */
export function LogPanel({ id, running }: { id: string; running: boolean }) {
  const { lines, loaded } = useLog(id, running);
  const follow = useSignal(true);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (element && follow.value) element.scrollTop = element.scrollHeight;
  }, [lines.value, follow.value]);

  const style = timeStyle();
  return (
    <Panel
      title={t('job.log')}
      aside={
        lines.value.length > 0 && (
          <label class="inline-check">
            <input
              type="checkbox"
              checked={follow.value}
              onClick={() => (follow.value = !follow.value)}
            />
            {t('job.follow')}
          </label>
        )
      }
    >
      {loaded.value && lines.value.length === 0 ? (
        <p class="faint">{t('job.noLog')}</p>
      ) : (
        <div class="log" ref={box} tabIndex={0} role="log" aria-label={t('job.log')}>
          {lines.value.map((line) => (
            <div key={line.number} class={`log-line log-${line.level}`}>
              <time dateTime={line.at} title={formatExact(line.at, style)}>
                {formatClock(line.at, style)}
              </time>
              <span class="log-level">{line.level}</span>
              <span class="log-text" dir="auto">
                {line.text}
              </span>
            </div>
          ))}
        </div>
      )}
    </Panel>
  );
}
