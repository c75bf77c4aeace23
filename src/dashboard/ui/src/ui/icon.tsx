// Drawn on a grid of 16, as lines of 1.5.

const paths = {
  overview: 'M2 13.5h12M4 11V8M8 11V3.5M12 11V6',
  jobs: 'M2.5 4h11M2.5 8h11M2.5 12h7',
  queues: 'M2.5 3.5h11v3h-11zM2.5 9.5h11v3h-11z',
  failures: 'M8 2l6.5 11.5h-13zM8 6.5v3.2M8 11.6v.1',
  retries: 'M13 8a5 5 0 1 1-1.6-3.7M13.2 2v2.8h-2.8',
  recurring:
    'M2.5 8a5.5 5.5 0 0 1 9.6-3.6M13.5 8a5.5 5.5 0 0 1-9.6 3.6M12.4 1.8v2.8H9.6M3.6 14.2v-2.8h2.8',
  batches: 'M8 2l6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3',
  servers: 'M2.5 2.5h11v4.5h-11zM2.5 9h11v4.5h-11zM5 4.7v.1M5 11.2v.1',
  storage:
    'M13 4c0 1.1-2.2 2-5 2S3 5.1 3 4s2.2-2 5-2 5 .9 5 2zM3 4v8c0 1.1 2.2 2 5 2s5-.9 5-2V4M3 8c0 1.1 2.2 2 5 2s5-.9 5-2',
  audit: 'M4 2h6l2.5 2.5V14H4zM6 7h4.5M6 9.5h4.5M6 12h2.5',
  bulk: 'M5.5 5.5h8v8h-8zM2.5 10.5v-8h8M7.5 9.5l1.5 1.5 2.7-3',
  settings: 'M2.5 4.5h6M12 4.5h1.5M2.5 11.5H4M7.5 11.5h6M10.2 2.8v3.4M5.8 9.8v3.4',
  keyboard: 'M1.5 4h13v8.5h-13zM4 6.7v.1M6.7 6.7v.1M9.4 6.7v.1M12 6.7v.1M5 9.8h6',
  menu: 'M2 4h12M2 8h12M2 12h12',
  close: 'M4 4l8 8M12 4l-8 8',
  back: 'M6.5 3.5L2 8l4.5 4.5M2.3 8H14',
  external: 'M9.5 2.5h4v4M13.3 2.7L7.5 8.5M12 9.5v4H2.5V4h4',
  search: 'M11 7a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM10 10l3.5 3.5',
  star: 'M8 2l1.8 3.9 4.2.5-3.1 2.9.8 4.2L8 11.4l-3.7 2.1.8-4.2L2 6.4l4.2-.5z',
  play: 'M5 3l8 5-8 5z',
  pause: 'M5.5 3v10M10.5 3v10',
  stop: 'M4 4h8v8H4z',
  trash: 'M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.5 9h6l.5-9',
  clock: 'M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM8 4.5V8l2.3 1.5',
  move: 'M2 8h10.5M9.5 5l3 3-3 3M14 3v10',
  edit: 'M10.5 3l2.5 2.5L6 12.5l-3 .5.5-3z',
  copy: 'M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  cross: 'M4 4l8 8M12 4l-8 8',
  dots: 'M3.5 8v.1M8 8v.1M12.5 8v.1',
  hourglass: 'M4 2h8M4 14h8M5 2c0 4 6 4 6 6s-6 2-6 6M11 2c0 4-6 4-6 6',
  running: 'M8 1.8a6.2 6.2 0 1 1-6.2 6.2M8 5v3l2 1.5',
  ring: 'M13 8A5 5 0 1 1 3 8a5 5 0 0 1 10 0z',
  flag: 'M4 14V2.5M4 3c3-1.5 5 1.5 8.5 0v6c-3.5 1.5-5.5-1.5-8.5 0',
  minus: 'M3.5 8h9',
  partly: 'M13 8A5 5 0 1 1 3 8a5 5 0 0 1 10 0zM8 3v10',
  link: 'M6.5 9.5l3-3M7 4.5l1.2-1.2a2.8 2.8 0 0 1 4 4L11 8.5M9 11.5l-1.2 1.2a2.8 2.8 0 0 1-4-4L5 7.5',
  down: 'M4 6l4 4 4-4',
  info: 'M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM8 7.2V11M8 5v.1',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, label }: { name: IconName; label?: string }) {
  const hidden = label === undefined;
  return (
    <svg
      class={`icon icon-${name}`}
      viewBox="0 0 16 16"
      width="16"
      height="16"
      role={hidden ? undefined : 'img'}
      aria-label={label}
      aria-hidden={hidden ? 'true' : undefined}
      focusable="false"
    >
      <path d={paths[name]} />
    </svg>
  );
}
