import type { HealthReport } from './health-report.ts';

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly samples: readonly Sample[];
}

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The text exposition format of Prometheus, version 0.0.4. */
export function metricsText(report: HealthReport): string {
  return [...metricsOf(report), ...processMetrics()]
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, help, type, samples }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(({ labels = {}, value }) => `${name}${labelsText(labels)} ${numberText(value)}`),
    ])
    .concat('')
    .join('\n');
}

function metricsOf({ ready, certificates, trust }: HealthReport): Metric[] {
  const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => ({
    name: `holdfast_${name}`,
    help,
    type: 'gauge',
    samples,
  });
  const lists = trust?.revocationLists ?? [];
  return [
    gauge('ready', '1 when the process may be given work.', [{ value: ready ? 1 : 0 }]),
    gauge(
      'certificate_seconds_left',
      'Seconds until a certificate of this process ends.',
      certificates.map(({ name, secondsLeft }) => ({ labels: { name }, value: secondsLeft })),
    ),
    gauge('trust_version', 'Version of the trust in force.', trust ? [{ value: trust.version }] : []),
    gauge(
      'trust_confirmed_seconds_ago',
      'Seconds since the trust in force was last confirmed.',
      trust ? [{ value: trust.confirmedSecondsAgo ?? Infinity }] : [],
    ),
    gauge(
      'revocation_list_seconds_left',
      'Seconds until the first revocation list of a purpose runs out.',
      lists.map(({ purpose, secondsLeft }) => ({ labels: { purpose }, value: secondsLeft })),
    ),
  ];
}

function processMetrics(): Metric[] {
  const { user, system } = process.cpuUsage();
  const basic = (name: string, help: string, type: Metric['type'], value: number): Metric => ({
    name: `process_${name}`,
    help,
    type,
    samples: [{ value }],
  });
  return [
    basic('cpu_seconds_total', 'Processor time spent, in seconds.', 'counter', (user + system) / 1e6),
    basic('resident_memory_bytes', 'Memory in use, in bytes.', 'gauge', process.memoryUsage.rss()),
    basic('start_time_seconds', 'When the process began, since 1970.', 'gauge', performance.timeOrigin / 1000),
  ];
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const numberText = (value: number): string => (value === Infinity ? '+Inf' : String(value));
