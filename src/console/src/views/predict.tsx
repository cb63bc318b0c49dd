// A prediction with sliders: an example from the stream, its numbers moved, the endpoint's answer.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ViewProps } from '../main';
import { invokeEndpoint, json } from '../aws/client';
import { duration, fixed } from '../ui/format';
import { useLoad } from '../ui/load';
import { Bars, Code, Empty, ErrorBox, Facts, Panel, Show, State } from '../ui/parts';
import { decoded, readRecords } from './streams';

type Value = null | string | number | boolean | Value[] | { [name: string]: Value };
type Path = (string | number)[];

interface Prediction {
  interval?: [number, number] | null;
  expected?: number;
  contributions?: { feature: string; [unit: string]: number | string }[];
  flags?: string[];
  [value: string]: unknown;
}
interface Answered { took: number; prediction: Prediction; value: number; note?: string; raw: string }

/** Every number of an example, with where it stands. */
function numbersOf(value: Value, path: Path = []): { path: Path; value: number }[] {
  if (typeof value === 'number') return [{ path, value }];
  if (Array.isArray(value)) return value.flatMap((one, i) => numbersOf(one, [...path, i]));
  if (value && typeof value === 'object') return Object.entries(value).flatMap(([name, one]) => numbersOf(one, [...path, name]));
  return [];
}

const at = (value: Value, path: Path): Value => path.reduce<Value>((inside, step) => (inside as never)?.[step] ?? null, value);

function put(value: Value, path: Path, number: number): Value {
  const copy = structuredClone(value);
  (at(copy, path.slice(0, -1)) as { [step: string]: Value })[path.at(-1)!] = number;
  return copy;
}

/** "hops 2 · Simcoe · grams": list items go by their own name. */
function label(example: Value, path: Path): string {
  const words: string[] = [];
  path.forEach((step, i) => {
    if (typeof step === 'string') {
      if (!['ingredients', 'method', 'value', 'amount'].includes(step)) words.push(step.replaceAll('_', ' '));
      return;
    }
    const item = at(example, path.slice(0, i + 1)) as { name?: string; add?: string } | null;
    words.push(item?.name ? `${item.name}${item.add ? ` (${item.add})` : ''}` : String(step + 1));
  });
  return words.join(' · ');
}

/** Records of the streams as examples: what the endpoint is fed with is what comes in. */
async function loadExamples(): Promise<Value[]> {
  const { StreamNames } = await json<{ StreamNames: string[] }>('kinesis', 'ListStreams', { Limit: 5 });
  const lists = await Promise.all(StreamNames.map(async (StreamName) => {
    const { Shards } = await json<{ Shards: { ShardId: string }[] }>('kinesis', 'ListShards', { StreamName, MaxResults: 1 });
    if (!Shards[0]) return [];
    return (await readRecords(StreamName, Shards[0].ShardId, 'newest', 60)).records.reverse();
  }));
  return lists.flat().flatMap(({ data }) => {
    try {
      const value = JSON.parse(decoded(data)) as Value;
      return value && typeof value === 'object' ? [Array.isArray(value) ? value[0]! : value] : [];
    } catch {
      return [];
    }
  });
}

const nameOfExample = (example: Value, i: number) => String((example as { name?: string })?.name ?? `record ${i + 1}`);

async function ask(endpoint: string, body: Value): Promise<Answered> {
  const began = performance.now();
  const raw = await (await invokeEndpoint(endpoint, JSON.stringify(body), 'application/json', true)).text();
  const took = performance.now() - began;
  const answer = JSON.parse(raw) as { predictions?: Prediction[]; note?: string } | Prediction[];
  const prediction = (Array.isArray(answer) ? answer[0] : answer.predictions?.[0]) ?? {};
  const value = Object.entries(prediction).find(([name, one]) => typeof one === 'number' && name !== 'expected')?.[1] as number;
  return { took, prediction, value, note: Array.isArray(answer) ? undefined : answer.note, raw };
}

function Gauge({ value, interval }: { value: number; interval?: [number, number] | null }) {
  const top = Math.max(100, value, interval?.[1] ?? 0);
  const place = (number: number) => `${(Math.min(top, Math.max(0, number)) / top) * 100}%`;
  return (
    <div class="gauge" aria-hidden="true">
      <div class="scale" />
      {interval && <div class="range" style={{ left: place(interval[0]), width: `${((Math.min(top, interval[1]) - Math.max(0, interval[0])) / top) * 100}%` }} />}
      <div class="at" style={{ left: place(value) }} />
      {[0, 25, 50, 75, 100].map((percent) => <span class="tick" style={{ left: percent === 0 ? '6px' : percent === 100 ? 'calc(100% - 10px)' : `${percent}%` }}>{Math.round((top * percent) / 100)}</span>)}
    </div>
  );
}

function Answer({ answer, before }: { answer: Answered; before?: number }) {
  const { prediction, value } = answer;
  const contributions = (prediction.contributions ?? []).map(({ feature, ...rest }) => ({ name: String(feature), value: Number(Object.values(rest)[0]) }));
  const large = contributions.slice(0, 14);
  const others = contributions.slice(14).reduce((sum, one) => sum + one.value, 0);
  return (
    <>
      <div aria-live="polite">
        <Facts facts={[
          ['Prediction', <span class="large">{fixed(value, 1)}</span>],
          ['Interval', prediction.interval ? `${fixed(prediction.interval[0], 1)} to ${fixed(prediction.interval[1], 1)}` : 'this model has none'],
          ...(before !== undefined ? [['The example as it came', fixed(before, 1)] as [string, string]] : []),
          ['Answered in', duration(answer.took)],
        ]} />
      </div>
      <Gauge value={value} interval={prediction.interval} />
      {answer.note && <p class="hint">{answer.note}</p>}
      {prediction.flags && prediction.flags.length > 0 && <p class="hint">Found of it: {prediction.flags.map((flag) => flag.replaceAll('_', ' ')).join(', ')}</p>}
      {large.length > 0 ? (
        <>
          <h3>What moved it, from {fixed(prediction.expected, 1)}</h3>
          <Bars label="Contributions" bars={[...large, ...(contributions.length > large.length ? [{ name: `${contributions.length - large.length} others`, value: others }] : [])].map((one) => ({ ...one, text: (one.value > 0 ? '+' : '') + fixed(one.value) }))} />
        </>
      ) : <Empty>This model explains nothing of its answers.</Empty>}
    </>
  );
}

function Playground({ endpoint, examples }: { endpoint: string; examples: Value[] }) {
  const [chosen, choose] = useState(0);
  const [body, setBody] = useState<Value>(examples[0] ?? {});
  const [answer, setAnswer] = useState<Answered>();
  const [first, setFirst] = useState<number>();
  const [error, setError] = useState<Error>();
  const [text, setText] = useState<string>();
  const asked = useRef(0);
  useEffect(() => {
    const mine = ++asked.current;
    const timer = setTimeout(() => {
      ask(endpoint, body).then(
        (value) => {
          if (mine !== asked.current) return;
          setAnswer(value);
          setError(undefined);
          setFirst((before) => before ?? value.value);
        },
        (failed) => mine === asked.current && setError(failed as Error),
      );
    }, 60);
    return () => clearTimeout(timer);
  }, [endpoint, body]);
  // The range of a slider is what the examples show at that place, and around the number itself.
  const ranges = useMemo(() => {
    const seen = new Map<string, number[]>();
    const general = (path: Path) => path.map((step) => (typeof step === 'number' ? '*' : step)).join('.');
    for (const example of examples) for (const { path, value } of numbersOf(example)) seen.set(general(path), [...(seen.get(general(path)) ?? []), value]);
    return (path: Path, value: number) => {
      const values = [...(seen.get(general(path)) ?? []), value].sort((a, b) => a - b);
      // Absurd values come in as well: the outermost tenth counts for nothing.
      const low = Math.min(value, values[Math.floor(values.length * 0.05)]!);
      const high = Math.max(value, values[Math.ceil(values.length * 0.95) - 1]!);
      const span = high - low || Math.abs(value) || 1;
      const step = values.every(Number.isInteger) ? 1 : span > 20 ? 0.5 : span > 2 ? 0.1 : 0.01;
      return { min: low >= 0 ? Math.max(0, low - span * 0.1) : low - span * 0.1, max: high + span * 0.1, step };
    };
  }, [examples]);
  const start = examples[chosen] ?? body;
  const sliders = numbersOf(start).filter(({ path }) => !/^(id|ibu)$/.test(String(path[0])));
  const take = (i: number) => {
    choose(i);
    setBody(examples[i]!);
    setFirst(undefined);
    setText(undefined);
  };
  const truth = (start as { ibu?: number }).ibu;
  return (
    <div class="charts">
      <Panel title="The beer" aside={
        <>
          <label>Example <select value={chosen} onChange={(e) => take(Number(e.currentTarget.value))}>{examples.map((example, i) => <option value={i}>{nameOfExample(example, i)}</option>)}</select></label>
          <button onClick={() => take(chosen)}>As it came</button>
        </>
      }>
        {truth !== undefined && truth !== null && <p class="hint">The catalogue says {truth} IBU; that is what is to be predicted, so it is no slider.</p>}
        <div class="sliders">
          {sliders.map(({ path, value }) => {
            const range = ranges(path, value);
            const now = at(body, path);
            return (
              <label>
                <span>{label(start, path)}</span>
                <output>{typeof now === 'number' ? +now.toFixed(3) : '–'}</output>
                <input type="range" min={range.min} max={range.max} step={range.step} value={Number(now)} onInput={(e) => (setBody(put(body, path, Number(e.currentTarget.value))), setText(undefined))} />
              </label>
            );
          })}
        </div>
        <details>
          <summary>The request as JSON</summary>
          <textarea class="code" rows={12} aria-label="Request" spellcheck={false} value={text ?? JSON.stringify(body, null, 2)} onInput={(e) => {
            setText(e.currentTarget.value);
            try {
              setBody(JSON.parse(e.currentTarget.value) as Value);
              setError(undefined);
            } catch (wrong) {
              setError(wrong as Error);
            }
          }} />
        </details>
      </Panel>
      <Panel title="The answer" aside={`endpoint ${endpoint}`}>
        {error && <ErrorBox error={error} />}
        {answer ? <Answer answer={answer} before={first} /> : !error && <p class="loading" aria-busy="true">Loading…</p>}
        {answer && <details><summary>The answer as JSON</summary><Code label="Answer" text={JSON.stringify(JSON.parse(answer.raw), null, 2)} /></details>}
      </Panel>
    </div>
  );
}

const kBlank: Value = { name: 'A beer of mine', first_brewed: '2020', abv: 5.2, target_og: 1050, target_fg: 1012, ebc: 15, srm: 8, ph: 4.4, attenuation_level: 76, ingredients: { malt: [], hops: [], yeast: '' } };

export function Predict({ path }: ViewProps) {
  const loaded = useLoad(async () => {
    const [{ Endpoints }, examples] = await Promise.all([
      json<{ Endpoints: { EndpointName: string; EndpointStatus: string }[] }>('sagemaker', 'ListEndpoints', { MaxResults: 50 }),
      loadExamples().catch(() => [] as Value[]),
    ]);
    return { endpoints: Endpoints, examples: examples.length ? examples.slice(0, 60) : [kBlank] };
  }, []);
  return (
    <Show loaded={loaded}>
      {({ endpoints, examples }) => {
        const chosen = endpoints.find((one) => one.EndpointName === path[0]) ?? endpoints[0];
        if (!chosen) return <Empty>No model serves yet. Train one (<code>beer train</code>), approve it in the registry, and <code>beer promote</code> makes an endpoint of it.</Empty>;
        return (
          <>
            {endpoints.length > 1 && (
              <nav class="chips" aria-label="Endpoints">
                {endpoints.map(({ EndpointName }) => <a href={`#/predict/${EndpointName}`} aria-current={EndpointName === chosen.EndpointName ? 'true' : undefined}>{EndpointName}</a>)}
              </nav>
            )}
            {chosen.EndpointStatus === 'InService' || chosen.EndpointStatus === 'Updating' ? (
              <Playground key={chosen.EndpointName} endpoint={chosen.EndpointName} examples={examples} />
            ) : (
              <p>The endpoint {chosen.EndpointName} is <State state={chosen.EndpointStatus} />: it answers once it is in service.</p>
            )}
          </>
        );
      }}
    </Show>
  );
}
