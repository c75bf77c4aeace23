import { useSignal } from '@preact/signals';
import { t } from '../i18n';
import { formatJson } from '../text/json';
import { Button, CopyButton } from './basics';

// A megabyte of arguments would freeze the page; whoever wants it all asks for it.
const firstCharacters = 20_000;

/** JSON text, laid out and coloured. What is no JSON is shown as it is. */
export function JsonView({ text, cut }: { text: string; cut?: boolean }) {
  const all = useSignal(false);
  const tooLong = text.length > firstCharacters && !all.value;
  const tokens = tooLong ? null : formatJson(text);
  return (
    <div class="code-box">
      <pre class="code" tabIndex={0} dir="ltr">
        {tokens
          ? tokens.map((token, index) =>
              token.type === 'space' ? (
                token.text
              ) : (
                <span key={index} class={`json-${token.type}`}>
                  {token.text}
                </span>
              ),
            )
          : tooLong
            ? `${text.slice(0, firstCharacters)}…`
            : text}
      </pre>
      <div class="code-tools">
        {tooLong && (
          <Button small onClick={() => (all.value = true)}>
            {t('app.showAll')}
          </Button>
        )}
        <CopyButton text={text} />
      </div>
      {cut && <p class="hint">{t('job.cut')}</p>}
    </div>
  );
}
