import { t } from '../i18n';
import { JsonView } from '../ui/json';

export interface Failure {
  type: string;
  message: string;
  nested: Failure[];
  stack: string[];
}

function failureFrom(value: unknown): Failure | null {
  if (typeof value !== 'object' || value === null) return null;
  const { type, message, nested, stack } = value as Record<string, unknown>;
  if (typeof message !== 'string') return null;
  const list = (each: unknown): unknown[] => (Array.isArray(each) ? each : []);
  return {
    type: typeof type === 'string' ? type : '',
    message,
    nested: list(nested)
      .map(failureFrom)
      .filter((each) => each !== null),
    stack: typeof stack === 'string' ? stack.split('\n') : list(stack).map(String),
  };
}

/** The data of a failure; null when the data is of another kind. No numbers are in it. */
export function parseFailure(data: string | null): Failure | null {
  if (data === null) return null;
  try {
    return failureFrom(JSON.parse(data));
  } catch {
    return null;
  }
}

export function ExceptionView({ failure }: { failure: Failure }) {
  return (
    <div class="exception">
      {failure.type && (
        <p class="mono exception-type" dir="ltr">
          {failure.type}
        </p>
      )}
      <p class="exception-message breakable" dir="auto">
        {failure.message}
      </p>
      {failure.stack.length > 0 && (
        <details>
          <summary>{t('job.stack')}</summary>
          <pre class="code" tabIndex={0} dir="ltr">
            {failure.stack.join('\n')}
          </pre>
        </details>
      )}
      {failure.nested.map((each, index) => (
        <div key={index} class="nested">
          <span class="faint">{t('job.nested')}</span>
          <ExceptionView failure={each} />
        </div>
      ))}
    </div>
  );
}

/** Data of a state: an exception if it is one, and JSON otherwise. */
export function StateData({ data }: { data: string | null }) {
  const failure = parseFailure(data);
  if (failure) return <ExceptionView failure={failure} />;
  if (data === null || data === '{}' || data === 'null') return null;
  return <JsonView text={data} />;
}
