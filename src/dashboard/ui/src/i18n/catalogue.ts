import type { en } from './en';
import type { common } from './en/common';
import type { pages } from './en/pages';

type English = typeof en;
export type Key = keyof English;

/** Forms by the categories of Intl.PluralRules. Which of them a language uses is up to it. */
export interface Plural {
  zero?: string;
  one?: string;
  two?: string;
  few?: string;
  many?: string;
  other: string;
}

type Translated<Source> = { [K in keyof Source]: Source[K] extends string ? string : Plural };
/** Every key, with plural forms where English has them: a missing one does not compile. */
export type Common = Translated<typeof common>;
export type Pages = Translated<typeof pages>;
export type Catalogue = Common & Pages;

type Names<Text> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;
type Text<K extends Key> = English[K] extends string
  ? English[K]
  : English[K] extends { other: infer Other }
    ? Other
    : never;
/** The parameters that the English text of a key names. */
export type Parameters<K extends Key, Value> = { [Name in Names<Text<K>>]: Value };
export type Arguments<K extends Key, Value> =
  Names<Text<K>> extends never ? [] : [parameters: Parameters<K, Value>];
