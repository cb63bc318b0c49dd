// CloudWatch's numbers: many series in one call.
import { engineNow, json } from './client';

export interface MetricId {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  stat?: string; // Sum when left out
}

export interface Series {
  times: number[]; // epoch seconds, ascending
  values: number[];
  range: [number, number]; // what was asked for
}

interface Answer {
  MetricDataResults?: { Id: string; Timestamps?: number[]; Values?: number[] }[];
}

/** Series over the last `minutes` of the engine's time, in the order asked for. */
export async function metrics(wanted: MetricId[], minutes: number, period = 60): Promise<Series[]> {
  if (wanted.length === 0) return [];
  const end = Math.ceil(engineNow() / 1000 / period) * period;
  const answer = await json<Answer>('cloudwatch', 'GetMetricData', {
    StartTime: end - minutes * 60,
    EndTime: end,
    ScanBy: 'TimestampAscending',
    MetricDataQueries: wanted.map((metric, i) => ({
      Id: `m${i}`,
      MetricStat: {
        Metric: {
          Namespace: metric.namespace,
          MetricName: metric.name,
          Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
        },
        Period: period,
        Stat: metric.stat ?? 'Sum',
      },
    })),
  });
  return wanted.map((_, i) => {
    const found = answer.MetricDataResults?.find((result) => result.Id === `m${i}`);
    return { times: found?.Timestamps ?? [], values: found?.Values ?? [], range: [end - minutes * 60, end] };
  });
}

export const sum = (series?: Series) => (series?.values ?? []).reduce((a, b) => a + b, 0);
export const last = (series?: Series) => series?.values.at(-1);
