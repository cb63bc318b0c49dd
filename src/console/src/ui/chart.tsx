// Charts by uPlot, in the page's colours; what they show stands in words beside them for who can't see them.
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface Line {
  name: string;
  values: (number | null)[];
  kind?: 'line' | 'bars' | 'points' | 'guide';
}

const kColours = ['--accent', '--second', '--third', '--fourth', '--good', '--bad'];

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Says when the page turns dark or light. */
export function useTheme(): string {
  const read = () => document.documentElement.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  const [theme, setTheme] = useState(read);
  useEffect(() => {
    const tell = () => setTheme(read());
    const media = matchMedia('(prefers-color-scheme: dark)');
    media.addEventListener('change', tell);
    const observer = new MutationObserver(tell);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => {
      media.removeEventListener('change', tell);
      observer.disconnect();
    };
  }, []);
  return theme;
}

const short = (value: number) => {
  const size = Math.abs(value);
  if (size >= 1e9) return +(value / 1e9).toFixed(1) + 'G';
  if (size >= 1e6) return +(value / 1e6).toFixed(1) + 'M';
  if (size >= 1e4) return +(value / 1e3).toFixed(1) + 'k';
  return String(+value.toPrecision(4));
};

const kDay = 86_400;

/** UTC, by the hour and minute; by the day where there are several. */
const clock = (splits: number[]) => {
  const days = splits.length > 1 && splits.at(-1)! - splits[0]! > 2 * kDay;
  return splits.map((at) => {
    const text = new Date(at * 1000).toISOString();
    return days ? text.slice(5, 10) : text.slice(11, 16);
  });
};

/** `x` ascends, unless all lines are points or guides. With `labels`, x counts them: 0, 1, 2, … A `time` is
 *  in epoch seconds; `range` is what the axis spans, whatever is there of it. */
export function Chart(props: {
  label: string;
  x: number[];
  lines: Line[];
  time?: boolean;
  range?: [number, number];
  labels?: string[];
  height?: number;
  yLabel?: string;
  xLabel?: string;
}) {
  const place = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const bars = uPlot.paths.bars!({ size: [0.7, 40] });
    const axis = {
      stroke: colour('--muted'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { stroke: colour('--line'), width: 1 },
      font: '11px system-ui, sans-serif',
      labelFont: '11px system-ui, sans-serif',
      labelSize: 18,
    };
    const plot = new uPlot(
      {
        width: Math.max(200, element.clientWidth),
        height: props.height ?? 180,
        tzDate: (at) => uPlot.tzDate(new Date(at * 1000), 'Etc/UTC'),
        scales: {
          x: { time: !!props.time, range: props.labels ? [-0.6, props.labels.length - 0.4] : props.range },
          y: { range: (_, low, high) => (low === high ? [Math.min(0, low), high + 1] : props.lines.some((l) => l.kind === 'bars') ? [Math.min(0, low), high * 1.05] : uPlot.rangeNum(low, high, 0.08, true)) },
        },
        legend: { show: props.lines.length > 1, live: false },
        cursor: { y: false, points: { size: 6 } },
        axes: [
          {
            ...axis,
            label: props.xLabel,
            size: 30,
            incrs: props.labels ? [1, 2, 5, 10, 20, 50, 100] : undefined,
            space: props.labels ? 70 : 50,
            values: (_, splits) => (props.labels ? splits.map((at) => props.labels![at] ?? '') : props.time ? clock(splits) : splits.map(short)),
          },
          { ...axis, label: props.yLabel, size: 46, values: (_, splits) => splits.map(short) },
        ],
        series: [
          {},
          ...props.lines.map((line, i): uPlot.Series => {
            const stroke = line.kind === 'guide' ? colour('--muted') : colour(kColours[i % kColours.length]!);
            const base = { label: line.name, stroke, width: 1.5, spanGaps: true };
            if (line.kind === 'bars') return { ...base, fill: stroke + '99', width: 1, paths: bars, points: { show: false } };
            if (line.kind === 'points') return { ...base, paths: () => null, points: { show: true, size: 5, fill: stroke + '66', width: 1 } };
            if (line.kind === 'guide') return { ...base, dash: [4, 4], width: 1, points: { show: false } };
            return { ...base, points: { show: line.values.filter((v) => v !== null).length < 40, size: 4, fill: stroke } };
          }),
        ],
      },
      [props.x, ...props.lines.map((line) => line.values)] as uPlot.AlignedData,
      element,
    );
    const observer = new ResizeObserver(() => {
      const width = Math.max(200, element.clientWidth);
      if (width !== plot.width) plot.setSize({ width, height: props.height ?? 180 });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [props.x, props.lines, props.labels, props.range?.[1], theme]);
  return (
    <figure class="chart">
      <div ref={place} role="img" aria-label={`${props.label}: ${inWords(props.lines)}`} />
    </figure>
  );
}

const inWords = (lines: Line[]) =>
  lines
    .filter((line) => line.kind !== 'guide')
    .map((line) => {
      const values = line.values.filter((value): value is number => value !== null);
      if (values.length === 0) return `${line.name} has no values`;
      return `${line.name}, ${values.length} values from ${short(Math.min(...values))} to ${short(Math.max(...values))}, the last ${short(values.at(-1)!)}`;
    })
    .join('; ');
