import { describe, expect, it } from 'vitest';
import { checkJson, formatJson, formatJsonText, isJsonArray } from '../src/text/json';

describe('JSON as text', () => {
  it('keeps every digit', () => {
    const text = '[9007199254740993,-0.10,1e400,18446744073709551615,1.50E-7]';
    expect(formatJsonText(text, 10).replace(/\s/g, '')).toBe(text);
  });

  it('puts what is short on one line and breaks what is long', () => {
    expect(formatJsonText('[1,{"a":true}]')).toBe('[1, {"a": true}]');
    expect(formatJsonText('{"a":[1,2],"b":"long long text"}', 20)).toBe(
      '{\n  "a": [1, 2],\n  "b": "long long text"\n}',
    );
    expect(formatJsonText('[]')).toBe('[]');
    expect(formatJsonText('{ }', 0)).toBe('{}');
  });

  it('means the same afterwards', () => {
    const value = {
      a: [1, [2, { b: null }], 'x\n"y"\\'],
      '': {},
      c: [],
      d: '</script>',
      e: 'שלום 🚀',
    };
    for (const width of [0, 12, 72]) {
      expect(JSON.parse(formatJsonText(JSON.stringify(value), width))).toEqual(value);
    }
  });

  it('tells keys from strings', () => {
    const types = formatJson('{"a":"b"}')?.filter(({ type }) => type !== 'space');
    expect(types?.map(({ type }) => type)).toEqual([
      'punctuation',
      'key',
      'punctuation',
      'string',
      'punctuation',
    ]);
  });

  it('shows what is no JSON as it is', () => {
    for (const text of [
      '',
      '[1,',
      '{"a" 1}',
      'NaN',
      "['a']",
      '[01]',
      '[1] 2',
      '[1,]',
      '"\u0001"',
      '{"a":}',
    ]) {
      expect(checkJson(text), text).not.toBeNull();
      expect(formatJson(text), text).toBeNull();
      expect(formatJsonText(text), text).toBe(text);
    }
  });

  it('says where it went wrong', () => {
    expect(checkJson('[1,\n  oops]')).toMatchObject({ line: 2, column: 3, problem: 'unexpected' });
    expect(checkJson('[1')).toMatchObject({ line: 1, column: 3, problem: 'end' });
    expect(checkJson('[1 2]')).toMatchObject({ at: 3 });
  });

  it('survives deep and long texts', () => {
    expect(checkJson('['.repeat(100_000))).toMatchObject({ problem: 'depth' });
    const long = `[${'"0123456789",'.repeat(80_000)}0]`;
    expect(formatJson(long)).not.toBeNull();
  });

  it('knows arrays', () => {
    expect(isJsonArray(' [1]')).toBe(true);
    expect(isJsonArray('{"a":1}')).toBe(false);
    expect(isJsonArray('[1')).toBe(false);
  });
});
