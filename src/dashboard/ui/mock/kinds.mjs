// What kinds of jobs the made-up application has.

export const kindOfState = {
  Enqueued: 'ready',
  Scheduled: 'timed',
  Awaiting: 'waiting',
  Processing: 'running',
  Succeeded: 'final',
  Failed: 'parked',
  Deleted: 'final',
  NeedsReview: 'parked',
  Archived: 'final',
  BatchStarted: 'waiting',
  BatchSucceeded: 'final',
  BatchCompleted: 'final',
};

export const jobKinds = [
  {
    name: 'mail.send',
    queue: 'mail',
    tags: ['mail'],
    make: (random) =>
      `["ann${random.between(1, 99)}@example.com",{"template":"welcome","locale":"en-GB","retry":false}]`,
    errors: [
      [
        'net::timeout',
        (random) =>
          `SMTP server mail-${random.between(1, 4)}.example.com timed out after ${random.between(10, 30)} s`,
      ],
      ['mail::rejected', (random) => `550 mailbox "ann${random.between(1, 99)}" unavailable`],
    ],
  },
  {
    name: 'invoice.render',
    queue: 'default',
    tags: ['billing', 'pdf'],
    make: (random) =>
      `[${9007199254740993n + BigInt(random.between(0, 999))},{"currency":"EUR","net":${random.between(10, 900)}.10,"lines":[1,2,3]}]`,
    errors: [
      ['std::runtime_error', (random) => `font "Inter-${random.between(100, 900)}" not found`],
    ],
  },
  {
    name: 'image.resize',
    queue: 'media',
    tags: ['media'],
    make: (random) =>
      `["s3://media/${random.hex(12)}.jpg",[320,640,1280],{"quality":0.82,"seed":${random.between(1, 1e9)}000000001}]`,
    errors: [
      [
        'image::decode_error',
        (random) => `unexpected end of file at byte ${random.between(1000, 99999)}`,
      ],
      ['std::bad_alloc', () => 'std::bad_alloc'],
    ],
  },
  {
    name: 'search.index',
    queue: 'default',
    tags: [],
    make: (random) => `[{"document":"doc-${random.between(1, 99999)}","fields":["title","body"]}]`,
    errors: [['http::error', (random) => `POST /_bulk answered ${random.pick([429, 502, 503])}`]],
  },
  {
    name: 'report.monthly',
    queue: 'reports',
    tags: ['billing'],
    make: (random) => `[2026,${random.between(1, 12)},"EMEA"]`,
    errors: [
      [
        'pg::error',
        (random) =>
          `canceling statement due to statement timeout (query ${random.between(100, 999)})`,
      ],
    ],
  },
  {
    name: 'webhook.deliver',
    queue: 'critical',
    tags: ['webhook', 'customer:4711'],
    make: (random) =>
      `["https://hooks.example.com/${random.hex(8)}","order.paid",${random.between(1e9, 9e9)}]`,
    errors: [
      [
        'net::refused',
        (random) =>
          `connect to 10.0.${random.between(0, 9)}.${random.between(1, 254)}:443: connection refused`,
      ],
    ],
  },
];

/** Strings that must come out as text and nothing else. */
export const hostile = [
  '<img src=x onerror=alert(1)>',
  '"><script>window.hacked=true</script>',
  'שלום עולם \u202Egnp.exe',
  'مرحبا بالعالم',
  '👩‍👩‍👧‍👦 família 🚀🚀🚀',
  '${process.exit(1)} {{7*7}} `rm -rf`',
  'ein_sehr_langer_Name_ohne_Leerzeichen_'.repeat(8),
  '../../etc/passwd',
];
