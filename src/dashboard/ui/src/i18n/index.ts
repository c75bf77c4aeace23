import { computed, signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { settings } from '../state/settings';
import { formatNumber } from '../text/number';
import type { Arguments, Catalogue, Key, Plural } from './catalogue';
import { en } from './en';

export type { Key } from './catalogue';

// Others are loaded when somebody wants them.
const loaders: Record<string, () => Promise<{ catalogue: Catalogue }>> = {
  de: () => import('./de'),
  es: () => import('./es'),
  fr: () => import('./fr'),
  ja: () => import('./ja'),
  'pt-BR': () => import('./pt-BR'),
  ru: () => import('./ru'),
  zh: () => import('./zh'),
};

/** Each by its own name, as whoever looks for it would write it. */
export const languages: Record<string, string> = {
  en: 'English',
  de: 'Deutsch',
  es: 'Español',
  fr: 'Français',
  ja: '日本語',
  'pt-BR': 'Português (Brasil)',
  ru: 'Русский',
  zh: '中文',
};

/** The first of the wanted languages that we have: "pt-PT" gets "pt-BR" rather than English. */
export function chooseLanguage(wanted: readonly string[]): string {
  const ours = Object.keys(languages);
  for (const tag of wanted) {
    const primary = tag.split('-')[0];
    const found =
      ours.find((each) => each === tag) ?? ours.find((each) => each.split('-')[0] === primary);
    if (found) return found;
  }
  return 'en';
}

const loaded = signal<{ language: string; catalogue: Catalogue }>({
  language: 'en',
  catalogue: en,
});

/** For Intl: the browser's own variant of the language where there is one, as en-GB for en. */
export const locale = computed(() => {
  const { language } = loaded.value;
  const own = typeof navigator === 'undefined' ? [] : navigator.languages;
  return own.find((tag) => tag.split('-')[0] === language.split('-')[0]) ?? language;
});

export async function loadLanguage(setting: string): Promise<void> {
  const language = setting in languages ? setting : chooseLanguage(navigator.languages);
  try {
    const catalogue = language === 'en' ? en : (await loaders[language]?.())?.catalogue;
    if (catalogue) loaded.value = { language, catalogue };
  } catch {
    loaded.value = { language: 'en', catalogue: en }; // Better than an empty page.
  }
  document.documentElement.lang = loaded.value.language;
}

export function watchLanguage(): void {
  let last = settings.value.language;
  settings.subscribe(({ language }) => {
    if (language === last) return;
    last = language;
    void loadLanguage(language);
  });
}

const rules = new Map<string, Intl.PluralRules>();
function form(message: string | Plural, language: string, count: unknown): string {
  if (typeof message === 'string') return message;
  let rule = rules.get(language);
  if (!rule) rules.set(language, (rule = new Intl.PluralRules(language)));
  return message[rule.select(Number(count))] ?? message.other;
}

type Value = string | number;
const show = (value: unknown) =>
  typeof value === 'number' ? formatNumber(value, locale.value) : String(value);

export function translate<K extends Key>(
  catalogue: Catalogue,
  language: string,
  key: K,
  parameters: Record<string, Value> = {},
): string {
  const text = form(catalogue[key], language, parameters.count);
  return text.replace(/\{(\w+)\}/g, (_, name: string) => show(parameters[name] ?? ''));
}

/** The message in the reader's language. */
export function t<K extends Key>(key: K, ...rest: Arguments<K, Value>): string {
  const { catalogue, language } = loaded.value;
  return translate(catalogue, language, key, rest[0] as Record<string, Value> | undefined);
}

/** The same with elements in the places of parameters. */
export function rich<K extends Key>(
  key: K,
  ...rest: Arguments<K, ComponentChildren>
): ComponentChildren[] {
  const { catalogue, language } = loaded.value;
  const parameters = (rest[0] ?? {}) as Record<string, ComponentChildren>;
  const text = form(catalogue[key], language, parameters.count);
  return text
    .split(/(\{\w+\})/)
    .map((part) => (/^\{\w+\}$/.test(part) ? parameters[part.slice(1, -1)] : part));
}

/** The name of a state: ours are translated, users' are shown as they are. */
export function stateLabel(state: string): string {
  const key = `state.${state}`;
  return key in en ? t(key as 'state.Failed') : state;
}
