import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ApiError } from '../api/client';
import type { Resource } from '../api/resource';
import { t } from '../i18n';
import { session } from '../state/session';
import { jobPath } from '../router';
import { shortenId } from '../text/number';
import { useKeptFocus } from './focus';
import { Icon, type IconName } from './icon';
import { announce, describeError } from './toast';

export function Page(props: {
  title: string;
  icon?: IconName;
  heading?: ComponentChildren;
  aside?: ComponentChildren;
  children: ComponentChildren;
}) {
  const { title, heading, aside, children } = props;
  useEffect(() => {
    document.title = `${title} · ${session.value?.title || 'Portfire'}`;
  }, [title]);
  return (
    <>
      <header class="page-head">
        <h1 tabIndex={-1}>{heading ?? title}</h1>
        {aside && <div class="page-aside">{aside}</div>}
      </header>
      {children}
    </>
  );
}

export function Panel(props: {
  title?: ComponentChildren;
  aside?: ComponentChildren;
  children: ComponentChildren;
  class?: string;
}) {
  return (
    <section class={`panel ${props.class ?? ''}`}>
      {(props.title || props.aside) && (
        <header class="panel-head">
          <h2>{props.title}</h2>
          {props.aside}
        </header>
      )}
      {props.children}
    </section>
  );
}

export function Button(props: {
  onClick?: () => void;
  icon?: IconName;
  children: ComponentChildren;
  tone?: 'primary' | 'danger' | 'plain';
  submit?: boolean;
  disabled?: boolean;
  title?: string;
  small?: boolean;
  label?: string;
}) {
  const classes = ['button', props.tone ?? '', props.small ? 'small' : ''].join(' ').trim();
  return (
    <button
      type={props.submit ? 'submit' : 'button'}
      class={classes}
      onClick={props.onClick}
      disabled={props.disabled}
      title={props.title}
      aria-label={props.label}
    >
      {props.icon && <Icon name={props.icon} />}
      <span class="button-text">{props.children}</span>
    </button>
  );
}

export function Empty({ children, icon }: { children: ComponentChildren; icon?: IconName }) {
  return (
    <div class="empty">
      <Icon name={icon ?? 'ring'} />
      <p>{children}</p>
    </div>
  );
}

export function ErrorNote({ error, retry }: { error: ApiError; retry?: () => void }) {
  return (
    <div class="note tone-bad" role="alert">
      <Icon name="failures" />
      <span>{describeError(error)}</span>
      {retry && (
        <Button small onClick={retry}>
          {t('app.retry')}
        </Button>
      )}
    </div>
  );
}

/** What a page shows before its data is there; afterwards errors stand above the old data. */
export function Loaded<T>(props: {
  resource: Resource<T>;
  children: (value: T) => ComponentChildren;
}) {
  const { data, error, reload } = props.resource;
  return (
    <>
      {error.value && <ErrorNote error={error.value} retry={reload} />}
      {data.value !== null
        ? props.children(data.value)
        : !error.value && <p class="loading">{t('app.loading')}</p>}
    </>
  );
}

/** A share of a whole as a bar, with its figure for those who do not see it. */
/** A list of things, in which the focus stays where it is. */
export function Cards({ children }: { children: ComponentChildren }) {
  useKeptFocus();
  return <ul class="cards">{children}</ul>;
}

export function Bar(props: { value: number; most: number; tone?: string; label: string }) {
  const share = props.most > 0 ? Math.min(1, Math.max(0, props.value / props.most)) : 0;
  return (
    <div
      class={`bar tone-${props.tone ?? 'running'}`}
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
    >
      <div style={{ width: `${share * 100}%` }} />
    </div>
  );
}

export function JobLink({ id, children }: { id: string; children?: ComponentChildren }) {
  return (
    <a href={jobPath(id)} title={id} class={children ? '' : 'mono'}>
      {children ?? shortenId(id)}
    </a>
  );
}

export function CopyButton({ text }: { text: string }) {
  const copy = () => {
    // Without HTTPS there is no clipboard; people can still select the text.
    void navigator.clipboard?.writeText(text).then(() => announce(t('app.copied')));
  };
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={t('app.copy')}
      title={t('app.copy')}
      onClick={copy}
    >
      <Icon name="copy" />
    </button>
  );
}

export function Segments<V extends string | number>(props: {
  label: string;
  value: V;
  options: readonly { value: V; label: string }[];
  onChange: (value: V) => void;
}) {
  return (
    <div class="segments" role="group" aria-label={props.label}>
      {props.options.map(({ value, label }) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === props.value}
          onClick={() => props.onChange(value)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
