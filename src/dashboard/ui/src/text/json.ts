// Lays out JSON *text*. Numbers are never parsed, so that 9007199254740993 and 0.10 stay what the
// job received.

export type TokenType = 'punctuation' | 'key' | 'string' | 'number' | 'word' | 'space';
export interface Token {
  type: TokenType;
  text: string;
}
export interface JsonError {
  at: number; // offset in the text
  line: number; // from 1
  column: number; // from 1
  problem: 'unexpected' | 'end' | 'depth';
}
interface Raw {
  type: 'punctuation' | 'string' | 'number' | 'word';
  text: string;
  at: number;
}

const pattern =
  /[\s]+|([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-]))|(true|false|null)(?![\w])/y;
const greatestDepth = 400;

function errorAt(text: string, at: number, problem: JsonError['problem']): JsonError {
  const before = text.slice(0, at).split('\n');
  return { at, line: before.length, column: (before.at(-1) ?? '').length + 1, problem };
}

function tokenize(text: string): Raw[] | JsonError {
  const tokens: Raw[] = [];
  pattern.lastIndex = 0;
  let at = 0;
  while (at < text.length) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) return errorAt(text, at, 'unexpected');
    const type = match[1] ? 'punctuation' : match[2] ? 'string' : match[3] ? 'number' : 'word';
    if (match[1] || match[2] || match[3] || match[4]) tokens.push({ type, text: match[0], at });
    at = pattern.lastIndex;
  }
  return tokens;
}

/** Whether the text is JSON, and if not, where it stops being so. */
export function checkJson(text: string): JsonError | null {
  const tokens = tokenize(text);
  if (!Array.isArray(tokens)) return tokens;
  return checkTokens(text, tokens);
}

// A grammar without recursion, because users' arguments may be nested more deeply than our stack.
function checkTokens(text: string, tokens: Raw[]): JsonError | null {
  const open: string[] = [];
  let expect: 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'next' | 'nothing' = 'value';
  const afterValue = () => (open.length > 0 ? 'next' : 'nothing');
  for (const { type, text: token, at } of tokens) {
    const wrong = () => errorAt(text, at, 'unexpected');
    if (expect === 'value' || expect === 'valueOrEnd') {
      if (token === ']' && expect === 'valueOrEnd') {
        open.pop();
        expect = afterValue();
      } else if (token === '[' || token === '{') {
        if (open.push(token) > greatestDepth) return errorAt(text, at, 'depth');
        expect = token === '[' ? 'valueOrEnd' : 'keyOrEnd';
      } else if (type === 'punctuation') return wrong();
      else expect = afterValue();
    } else if (expect === 'key' || expect === 'keyOrEnd') {
      if (token === '}' && expect === 'keyOrEnd') {
        open.pop();
        expect = afterValue();
      } else if (type !== 'string') return wrong();
      else expect = 'colon';
    } else if (expect === 'colon') {
      if (token !== ':') return wrong();
      expect = 'value';
    } else if (expect === 'next') {
      const top = open.at(-1);
      if (token === ',') expect = top === '[' ? 'value' : 'key';
      else if ((token === ']' && top === '[') || (token === '}' && top === '{')) {
        open.pop();
        expect = afterValue();
      } else return wrong();
    } else return wrong();
  }
  return expect === 'nothing' ? null : errorAt(text, text.length, 'end');
}

// Where each bracket closes, and whether what it holds is short enough for one line.
function findShort(tokens: Raw[], width: number): Set<number> {
  const short = new Set<number>();
  const open: { index: number; start: number }[] = [];
  let length = 0;
  tokens.forEach(({ text }, index) => {
    if (text === '[' || text === '{') open.push({ index, start: length });
    length += text.length + (text === ',' || text === ':' ? 1 : 0);
    if (text === ']' || text === '}') {
      const bracket = open.pop();
      if (bracket && length - bracket.start <= width) short.add(bracket.index);
    }
  });
  return short;
}

/** Tokens of the text with line breaks and indentation; null when it is not JSON. */
export function formatJson(text: string, width = 72): Token[] | null {
  const raw = tokenize(text);
  if (!Array.isArray(raw) || checkTokens(text, raw) !== null) return null;
  const short = findShort(raw, width);
  const out: Token[] = [];
  const open: boolean[] = []; // of each bracket: whether its content is on one line
  const space = (value: string) => out.push({ type: 'space', text: value });
  const newLine = () => space('\n' + '  '.repeat(open.length));
  raw.forEach((token, index) => {
    const { text: value, type } = token;
    const next = raw[index + 1]?.text;
    if (value === ']' || value === '}') {
      const inline = open.pop();
      const before = raw[index - 1]?.text;
      if (!inline && before !== '[' && before !== '{') newLine();
    }
    const isKey = type === 'string' && next === ':';
    out.push({ type: isKey ? 'key' : type, text: value });
    if (value === '[' || value === '{') {
      const inline = (open.at(-1) ?? false) || short.has(index);
      open.push(inline);
      if (!inline && next !== ']' && next !== '}') newLine();
    } else if (value === ',') {
      if (open.at(-1)) space(' ');
      else newLine();
    } else if (value === ':') space(' ');
  });
  return out;
}

export function formatJsonText(text: string, width?: number): string {
  return (
    formatJson(text, width)
      ?.map((token) => token.text)
      .join('') ?? text
  );
}

/** Whether the text is a JSON array, which arguments have to be. */
export function isJsonArray(text: string): boolean {
  return text.trimStart().startsWith('[') && checkJson(text) === null;
}
