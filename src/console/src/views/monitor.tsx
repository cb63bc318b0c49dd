// Drift and alarms: what watches the system has found, what CloudWatch raises, and any metric as a chart.
import { useMemo, useState } from 'preact/hooks';
import type { ViewProps } from '../main';
import { all, getJson, json, listObjects, parseUri } from '../aws/client';
import { metrics, type MetricId } from '../aws/metrics';
import { Chart } from '../ui/chart';
import { fixed, nameOf, time } from '../ui/format';
import { useLoad } from '../ui/load';
import { Empty, Facts, Panel, Show, State, Table } from '../ui/parts';

interface Alarm {
  AlarmName: string;
  AlarmDescription?: string;
  StateValue: string;
  StateReason: string;
  StateUpdatedTimestamp: number;
  Namespace?: string;
  MetricName?: string;
  Statistic?: string;
  Threshold?: number;
  ComparisonOperator?: string;
  Period?: number;
  Dimensions?: { Name: string; Value: string }[];
}
interface Metric { Namespace: string; MetricName: string; Dimensions: { Name: string; Value: string }[] }

const kComparisons: Record<string, string> = { GreaterThanThreshold: '>', GreaterThanOrEqualToThreshold: '≥', LessThanThreshold: '<', LessThanOrEqualToThreshold: '≤' };

function History({ alarm }: { alarm: string }) {
  const items = useLoad(() => json<{ AlarmHistoryItems: { Timestamp: number; HistoryItemType: string; HistorySummary: string }[] }>('cloudwatch', 'DescribeAlarmHistory', { AlarmName: alarm, MaxRecords: 20 }), [alarm]);
  return (
    <Show loaded={items}>
      {({ AlarmHistoryItems }) => (
        <Table label={`History of ${alarm}`} rows={AlarmHistoryItems} empty="Nothing has happened to it yet." columns={[
          { name: 'Time (UTC)', cell: (item) => time(item.Timestamp) },
          { name: 'What', cell: (item) => item.HistorySummary, wrap: true },
        ]} />
      )}
    </Show>
  );
}

function Alarms() {
  const alarms = useLoad(
    () => all(async (NextToken) => {
      const page = await json<{ MetricAlarms: Alarm[]; NextToken?: string }>('cloudwatch', 'DescribeAlarms', { NextToken, MaxRecords: 100 });
      return { items: page.MetricAlarms, next: page.NextToken };
    }, 300),
    [], 5000,
  );
  const [picked, pick] = useState('');
  const order = (state: string) => ['ALARM', 'INSUFFICIENT_DATA', 'OK'].indexOf(state);
  return (
    <Panel title="Alarms">
      <Show loaded={alarms}>
        {(list) => (
          <>
            <Table label="Alarms" rows={[...list].sort((a, b) => order(a.StateValue) - order(b.StateValue))} current={(alarm) => alarm.AlarmName === picked}
              empty={<>No alarm watches this engine. <code>beer deploy</code> makes those of beer.yaml; PutMetricAlarm makes others.</>}
              columns={[
                { name: 'Alarm', cell: (alarm) => <button class="link" aria-expanded={alarm.AlarmName === picked} onClick={() => pick(picked === alarm.AlarmName ? '' : alarm.AlarmName)}>{alarm.AlarmName}</button> },
                { name: 'State', cell: (alarm) => <State state={alarm.StateValue} /> },
                { name: 'Since (UTC)', cell: (alarm) => time(alarm.StateUpdatedTimestamp) },
                { name: 'When', cell: (alarm) => (alarm.MetricName ? `${alarm.Statistic ?? ''} ${alarm.MetricName} ${kComparisons[alarm.ComparisonOperator ?? ''] ?? ''} ${alarm.Threshold}` : 'by an expression'), wrap: true },
                { name: 'Why', cell: (alarm) => alarm.StateReason, wrap: true },
              ]} />
            {picked && <><h3>History of {picked}</h3><History alarm={picked} /></>}
          </>
        )}
      </Show>
    </Panel>
  );
}

// --- Drift: what the watching jobs left ---

interface Feature { feature: string; psi: number; ks: number; missing_then: number; missing_now: number; outside: number; drifted: boolean; missing_breach: boolean; range_breach: boolean }
interface Drift {
  model?: string;
  beers: number;
  new_beers?: number;
  since?: string | null;
  until?: string | null;
  reason: string;
  breached: boolean;
  features?: Feature[];
  prediction?: Feature;
  error?: { then: number; now: number; coverage_then?: number | null; coverage_now?: number | null; grown: boolean };
}
interface Violations { violations: { feature_name: string; constraint_check_type: string; description: string }[] }
interface Watched { job: string; at: number; drift: Drift | null; violations: Violations | null }

/** The newest jobs that left a drift report or Model Monitor's constraint violations. */
async function watched(): Promise<Watched[]> {
  const { ProcessingJobSummaries } = await json<{ ProcessingJobSummaries: { ProcessingJobName: string; CreationTime: number; ProcessingJobStatus: string }[] }>(
    'sagemaker', 'ListProcessingJobs', { MaxResults: 40, SortBy: 'CreationTime', SortOrder: 'Descending' });
  const found = await Promise.all(ProcessingJobSummaries.map(async ({ ProcessingJobName, CreationTime }) => {
    const job = await json<{ ProcessingOutputConfig?: { Outputs?: { OutputName: string; S3Output?: { S3Uri: string; LocalPath?: string } }[] } }>('sagemaker', 'DescribeProcessingJob', { ProcessingJobName });
    const output = job.ProcessingOutputConfig?.Outputs?.find((one) => /drift|monitor|violation|quality_check/i.test(`${one.OutputName} ${one.S3Output?.LocalPath ?? ''}`));
    return output?.S3Output ? { job: ProcessingJobName, at: CreationTime, uri: output.S3Output.S3Uri.replace(/\/$/, '') } : null;
  }));
  const places = found.filter((one): one is NonNullable<typeof one> => one !== null).slice(0, 10);
  const read = await Promise.all(places.map(async ({ job, at, uri }) => {
    const { bucket, key } = parseUri(uri);
    const { objects } = await listObjects(bucket, `${key}/`, { flat: true, most: 20 });
    const file = <T,>(name: string) => (objects.some((object) => object.key === `${key}/${name}`) ? getJson<T>(`${uri}/${name}`) : null);
    const [drift, violations] = await Promise.all([file<Drift>('drift.json'), file<Violations>('constraint_violations.json')]);
    return { job, at, drift, violations };
  }));
  return read.filter((one) => one.drift || one.violations);
}

const found = (feature: Feature) => [feature.drifted && 'shifted', feature.missing_breach && 'missing', feature.range_breach && 'out of range'].filter(Boolean).join(', ');

function Report({ one }: { one: Watched }) {
  const { drift, violations } = one;
  return (
    <>
      {drift && (
        <>
          <p><State state={drift.breached ? 'ALARM' : 'OK'} /> {drift.reason}</p>
          <Facts facts={[
            ['Model', drift.model ? `version ${drift.model}` : '–'],
            ['Looked at', `${drift.beers} of ${drift.new_beers ?? '–'} new`],
            ['Arrived (UTC)', drift.since ? `${time(drift.since)} to ${time(drift.until ?? '')}` : '–'],
            ...(drift.error ? [
              ['MAE at training', fixed(drift.error.then)] as [string, string],
              ['MAE now', `${fixed(drift.error.now)}${drift.error.grown ? ', has grown' : ''}`] as [string, string],
            ] : []),
          ]} />
          {drift.features && (
            <Table label="Features against the baseline" rows={[...(drift.prediction ? [{ ...drift.prediction, feature: 'the prediction' }] : []), ...drift.features]} columns={[
              { name: 'Feature', cell: (row) => row.feature },
              { name: 'PSI', cell: (row) => fixed(row.psi, 3), number: true },
              { name: 'KS', cell: (row) => fixed(row.ks, 3), number: true },
              { name: 'Missing then', cell: (row) => `${fixed(row.missing_then * 100, 1)} %`, number: true },
              { name: 'now', cell: (row) => `${fixed(row.missing_now * 100, 1)} %`, number: true },
              { name: 'Out of range', cell: (row) => `${fixed(row.outside * 100, 1)} %`, number: true },
              { name: 'Found', cell: (row) => (found(row) ? <span class="state bad">▲ {found(row)}</span> : 'nothing') },
            ]} />
          )}
        </>
      )}
      {violations && violations.violations.length > 0 && (
        <Table label="Constraint violations" rows={violations.violations} columns={[
          { name: 'Feature', cell: (row) => row.feature_name },
          { name: 'Check', cell: (row) => row.constraint_check_type },
          { name: 'What', cell: (row) => row.description, wrap: true },
        ]} />
      )}
      {!drift && violations?.violations.length === 0 && <p><State state="OK" /> No constraint of the baseline is violated.</p>}
    </>
  );
}

function DriftPanel() {
  const reports = useLoad(watched, []);
  const [picked, pick] = useState(0);
  const drawn = useMemo(() => {
    const list = (reports.value ?? []).filter((one) => one.drift?.error).reverse();
    return { x: list.map((_, i) => i), labels: list.map((one) => time(one.at).slice(5, 16)), lines: [
      { name: 'MAE now', values: list.map((one) => one.drift!.error!.now) },
      { name: 'MAE at training', values: list.map((one) => one.drift!.error!.then), kind: 'guide' as const },
    ] };
  }, [reports.value]);
  return (
    <Panel title="Drift" aside={reports.value && reports.value.length > 1 && (
      <label>Report <select value={picked} onChange={(e) => pick(Number(e.currentTarget.value))}>{reports.value.map((one, i) => <option value={i}>{time(one.at)} · {nameOf(one.job)}</option>)}</select></label>
    )}>
      <Show loaded={reports}>
        {(list) => list.length === 0 ? (
          <Empty>No job has compared what arrives with a model's baseline yet. The watching pipeline does so every six hours from the first <code>beer approve</code> on, <code>beer drift</code> at once; a QualityCheck step's constraint violations show here, too.</Empty>
        ) : (
          <>
            {drawn.x.length > 1 && <Chart label="The model's error at each report" {...drawn} height={150} />}
            <Report one={list[Math.min(picked, list.length - 1)]!} />
          </>
        )}
      </Show>
    </Panel>
  );
}

// --- Any metric ---

const kSpans = [{ minutes: 60, name: 'an hour' }, { minutes: 360, name: 'six hours' }, { minutes: 1440, name: 'a day' }, { minutes: 10080, name: 'a week' }];
const kStats = ['Sum', 'Average', 'Maximum', 'Minimum', 'SampleCount'];

const metricName = (metric: Metric) => `${metric.MetricName} · ${metric.Dimensions.map((d) => d.Value).join(' ') || 'all'}`;

function Explorer() {
  const listed = useLoad(
    () => all(async (NextToken) => {
      const page = await json<{ Metrics: Metric[]; NextToken?: string }>('cloudwatch', 'ListMetrics', { NextToken });
      return { items: page.Metrics, next: page.NextToken };
    }, 1500),
    [],
  );
  const [namespace, setNamespace] = useState('');
  const [index, setIndex] = useState(0);
  const [minutes, setMinutes] = useState(360);
  const [stat, setStat] = useState('Average');
  // One's own first, then the services', then those of single jobs.
  const rank = (name: string) => (/^\/aws\/sagemaker\/\w+Jobs$/.test(name) ? 2 : name.startsWith('AWS/') ? 1 : 0);
  const namespaces = [...new Set((listed.value ?? []).map((metric) => metric.Namespace))].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  const space = namespaces.includes(namespace) ? namespace : (namespaces[0] ?? '');
  const own = (listed.value ?? []).filter((metric) => metric.Namespace === space);
  const metric = own[index] ?? own[0];
  const series = useLoad(async () => {
    if (!metric) return null;
    const wanted: MetricId = { namespace: space, name: metric.MetricName, dimensions: Object.fromEntries(metric.Dimensions.map((d) => [d.Name, d.Value])), stat };
    return (await metrics([wanted], minutes, Math.max(60, Math.ceil(minutes / 360) * 60)))[0]!;
  }, [metric, minutes, stat]);
  const lines = useMemo(() => [{ name: metric?.MetricName ?? '', values: series.value?.values ?? [] }], [series.value]);
  return (
    <Panel title="Metrics">
      <Show loaded={listed}>
        {(value) => value.length === 0 ? <Empty>Nothing has been measured yet: metrics come with the first records and calls.</Empty> : (
          <>
            <p class="fields">
              <label>Namespace <select value={space} onChange={(e) => (setNamespace(e.currentTarget.value), setIndex(0))}>{namespaces.map((name) => <option>{name}</option>)}</select></label>
              <label>Metric <select value={index} onChange={(e) => setIndex(Number(e.currentTarget.value))}>{own.map((one, i) => <option value={i}>{metricName(one)}</option>)}</select></label>
              <label>Statistic <select value={stat} onChange={(e) => setStat(e.currentTarget.value)}>{kStats.map((name) => <option>{name}</option>)}</select></label>
              <label>Over <select value={minutes} onChange={(e) => setMinutes(Number(e.currentTarget.value))}>{kSpans.map((span) => <option value={span.minutes}>{span.name}</option>)}</select></label>
            </p>
            <Show loaded={series}>
              {(one) => one && one.values.length > 0 ? <Chart label={metric ? metricName(metric) : ''} time range={one.range} x={one.times} lines={lines} height={220} /> : <Empty>No value lies in this span of the engine's time; a longer one may have some.</Empty>}
            </Show>
          </>
        )}
      </Show>
    </Panel>
  );
}

export function Monitor(_: ViewProps) {
  return (
    <>
      <Alarms />
      <DriftPanel />
      <Explorer />
    </>
  );
}
