/** A small line of bars: how something went over the last hours. */
export function Spark({ values, label }: { values: readonly number[]; label: string }) {
  const most = Math.max(1, ...values);
  const width = 120;
  const height = 28;
  const step = width / Math.max(1, values.length);
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="img"
      aria-label={`${label}: ${values.join(', ')}`}
    >
      {values.map((value, index) => {
        const bar = value === 0 ? 1 : Math.max(2, (value / most) * height);
        return (
          <rect
            key={index}
            class={value === 0 ? 'spark-zero' : 'spark-bar'}
            x={index * step + 0.5}
            y={height - bar}
            width={Math.max(1, step - 1)}
            height={bar}
            rx="1"
          />
        );
      })}
    </svg>
  );
}
