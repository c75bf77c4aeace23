import { describe, expect, it } from 'vitest';
import { chooseLanguage, languages, translate } from '../src/i18n';
import type { Catalogue, Plural } from '../src/i18n/catalogue';
import { en } from '../src/i18n/en';

type Message = string | Plural;
const english = en as unknown as Record<string, Message>;
const formsOf = (message: Message): string[] =>
  typeof message === 'string' ? [message] : Object.values(message);
const namesOf = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

const others = Object.keys(languages).filter((language) => language !== 'en');
const load = async (language: string) =>
  ((await import(`../src/i18n/${language}/index.ts`)) as { catalogue: Catalogue }).catalogue;

describe.each(others)('the catalogue %s', (language) => {
  it('has every key with the same parameters', async () => {
    const catalogue = (await load(language)) as unknown as Record<string, Message>;
    expect(Object.keys(catalogue).sort()).toEqual(Object.keys(english).sort());
    for (const [key, message] of Object.entries(catalogue)) {
      const expected = new Set(namesOf(formsOf(english[key] ?? '').at(-1) ?? ''));
      for (const form of formsOf(message)) {
        expect(form.trim(), key).not.toBe('');
        expect(new Set(namesOf(form)), key).toEqual(expected);
      }
    }
  });

  it('has the plural forms that its language distinguishes up to a thousand', async () => {
    const catalogue = (await load(language)) as unknown as Record<string, Message>;
    const rules = new Intl.PluralRules(language);
    const needed = new Set(Array.from({ length: 1000 }, (_, count) => rules.select(count)));
    for (const [key, message] of Object.entries(catalogue)) {
      if (typeof message === 'string') continue;
      for (const form of needed) expect(message[form], `${key}.${form}`).toBeTypeOf('string');
    }
  });
});

describe('messages', () => {
  it('take parameters and plural forms', () => {
    expect(translate(en, 'en', 'jobs.shown', { count: 1 })).toBe('1 job shown');
    expect(translate(en, 'en', 'jobs.shown', { count: 2 })).toBe('2 jobs shown');
    expect(translate(en, 'en', 'app.failed', { detail: '{detail}' })).toContain('{detail}');
  });

  it('use the Russian forms', async () => {
    const catalogue = await load('ru');
    const shown = (count: number) => translate(catalogue, 'ru', 'jobs.shown', { count });
    expect([1, 3, 5, 21].map(shown)).toEqual([
      'Показано 1 задание',
      'Показано 3 задания',
      'Показано 5 заданий',
      'Показано 21 задание',
    ]);
  });

  it('come in the first language that we have', () => {
    expect(chooseLanguage(['nl', 'de-AT', 'en'])).toBe('de');
    expect(chooseLanguage(['pt-PT'])).toBe('pt-BR');
    expect(chooseLanguage(['zh-Hant-TW'])).toBe('zh');
    expect(chooseLanguage(['xx'])).toBe('en');
  });
});
