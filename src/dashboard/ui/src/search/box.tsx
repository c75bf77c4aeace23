import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import { overview } from '../api/live';
import { t, type Key } from '../i18n';
import { Icon } from '../ui/icon';
import { useKeys } from '../ui/keys';
import { complete, type Completion, type Suggestion, type Values } from './complete';
import type { Located } from './language';

export function describeFault({ fault }: Located): string {
  const { kind, ...parameters } = fault;
  const key = `search.${kind}` as Key;
  return (t as (key: Key, parameters: object) => string)(key, parameters);
}

/** Values that the overview tells of; names and tags come from the jobs that are shown. */
export function knownValues(names: readonly string[], tags: readonly string[]): Values {
  const now = overview.value;
  return {
    state: now?.counts.map((each) => each.state) ?? [],
    queue: now?.queues.map((each) => each.name) ?? [],
    name: names,
    tag: tags,
  };
}

interface Props {
  query: string;
  values: Values;
  faults: Located[];
  onSearch: (query: string) => void;
}

const none: Completion = { start: 0, end: 0, suggestions: [] };

/** The text being written, what could follow, and what the keys do with it. */
function useSearchInput({ query, values, onSearch }: Props) {
  const text = useSignal(query);
  const caret = useSignal<number | null>(null); // null: nothing is suggested
  const active = useSignal(-1);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    text.value = query;
  }, [query]);
  // With what is known now: values may come after the text was written.
  const completion = caret.value === null ? none : complete(text.value, caret.value, values);
  const suggest = () => {
    caret.value = input.current?.selectionStart ?? text.value.length;
    active.value = -1;
  };
  const close = () => {
    caret.value = null;
    active.value = -1;
  };
  const search = () => {
    close();
    onSearch(text.value.trim());
  };
  const accept = (suggestion: Suggestion) => {
    const { start, end } = completion;
    text.value = text.value.slice(0, start) + suggestion.text + text.value.slice(end).trimStart();
    const after = start + suggestion.text.length;
    if (suggestion.key === null) search();
    // The element shows the new text only after this has been drawn.
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(after, after);
      if (suggestion.key !== null) suggest();
    });
  };
  const step = (by: 1 | -1) => {
    const count = completion.suggestions.length;
    if (count === 0) return suggest();
    const from = active.value < 0 && by < 0 ? 0 : active.value;
    active.value = (from + by + count) % count;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const chosen = completion.suggestions[active.value];
    if (event.key === 'ArrowDown') step(1);
    else if (event.key === 'ArrowUp') step(-1);
    else if (event.key === 'Enter') {
      if (chosen) accept(chosen);
      else search();
    } else if (event.key === 'Tab' && chosen) accept(chosen);
    else if (event.key === 'Escape') {
      if (completion.suggestions.length > 0) close();
      else input.current?.blur();
    } else return;
    event.preventDefault();
  };
  return { text, completion, active, input, suggest, close, search, accept, onKeyDown };
}

export function SearchBox(props: Props) {
  const { faults } = props;
  const box = useSearchInput(props);
  const { text, active, input } = box;
  const id = useId();
  useKeys({ '/': () => input.current?.focus() });
  const open = box.completion.suggestions.length > 0;
  return (
    <div class="search" role="search">
      <div class="search-line">
        <Icon name="search" />
        <input
          ref={input}
          class="search-input"
          type="text"
          role="combobox"
          enterkeyhint="search"
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          placeholder={t('jobs.placeholder')}
          aria-label={t('jobs.search')}
          aria-autocomplete="list"
          aria-expanded={open}
          aria-controls={`${id}-list`}
          aria-activedescendant={active.value >= 0 ? `${id}-${active.value}` : undefined}
          aria-invalid={faults.length > 0}
          aria-describedby={faults.length > 0 ? `${id}-faults` : undefined}
          value={text}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            box.suggest();
          }}
          onKeyDown={box.onKeyDown}
          onFocus={box.suggest}
          onBlur={box.close}
        />
        <button
          type="button"
          class="icon-button"
          aria-label={t('jobs.search')}
          onClick={box.search}
        >
          <Icon name="play" />
        </button>
      </div>
      <Suggestions
        id={id}
        list={box.completion.suggestions}
        active={active.value}
        onAccept={box.accept}
      />
      {faults.length > 0 && (
        <ul id={`${id}-faults`} class="faults" role="alert">
          {faults.map((each) => (
            <li key={each.start}>{describeFault(each)}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Suggestions(props: {
  id: string;
  list: readonly Suggestion[];
  active: number;
  onAccept: (suggestion: Suggestion) => void;
}) {
  const { id, list, active } = props;
  return (
    <ul
      id={`${id}-list`}
      class="suggestions"
      role="listbox"
      aria-label={t('search.suggestions')}
      hidden={list.length === 0}
    >
      {list.map((suggestion, index) => (
        <li
          key={suggestion.label}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          // Not click: that comes after the input has lost the focus and closed this.
          onMouseDown={(event) => {
            event.preventDefault();
            props.onAccept(suggestion);
          }}
        >
          <span class="mono" dir="auto">
            {suggestion.label}
          </span>
          {suggestion.key && <span class="faint">{t(`search.hint.${suggestion.key}`)}</span>}
        </li>
      ))}
      {list[0]?.key && (
        <li class="suggestion-note" role="presentation">
          {t('search.hint.text')}
        </li>
      )}
    </ul>
  );
}
