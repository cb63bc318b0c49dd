// Streams: shards, what comes in, and a look at the records.
import { useState } from 'preact/hooks';
import type { ViewProps } from '../main';
import { engineNow, get, json } from '../aws/client';
import { metrics } from '../aws/metrics';
import { Chart } from '../ui/chart';
import { bytes, count, time } from '../ui/format';
import { useLoad } from '../ui/load';
import { Code, Empty, Facts, Panel, Show, State, Table } from '../ui/parts';

interface Summary {
  StreamName: string;
  StreamStatus: string;
  OpenShardCount: number;
  RetentionPeriodHours: number;
  ConsumerCount?: number;
  EncryptionType?: string;
  StreamModeDetails?: { StreamMode: string };
}
interface Shard {
  ShardId: string;
  ParentShardId?: string;
  HashKeyRange: { StartingHashKey: string; EndingHashKey: string };
  SequenceNumberRange: { StartingSequenceNumber: string; EndingSequenceNumber?: string };
}
interface StreamRecord { offset: number; sequenceNumber: string; arrival: number; data: string; partitionKey: string }
export interface Records { begin: number; end: number; from: number; records: StreamRecord[] }

const kPage = 25;
const kPositions = [
  { id: 'newest', name: 'the newest' },
  { id: '60', name: 'the last hour' },
  { id: '0', name: 'the oldest kept' },
];

/** By the engine's own page: GetRecords would count as a reader that is far behind. */
export const readRecords = (stream: string, shard: string, from: string, limit = kPage) =>
  get<Records>('console', '/_engine/console/records', { stream, shard, from, limit: String(limit) });

const place = (from: string) => (from === '60' ? `@${Math.round(engineNow() - 3_600_000)}` : from);

/** Base64 as text, indented where it is JSON. */
export function decoded(data: string): string {
  const raw = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const text = new TextDecoder().decode(raw);
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function Peek({ stream, shards }: { stream: string; shards: Shard[] }) {
  const [shard, setShard] = useState(shards[0]!.ShardId);
  const [from, setFrom] = useState('newest');
  const [picked, pick] = useState('');
  const page = useLoad(() => readRecords(stream, shard, place(from)), [stream, shard, from]);
  const value = page.value;
  const chosen = value?.records.find((record) => record.sequenceNumber === picked) ?? value?.records.at(from === 'newest' ? -1 : 0);
  return (
    <Panel title="Records" aside={
      <>
        <label>Shard <select value={shard} onChange={(e) => setShard(e.currentTarget.value)}>{shards.map((s) => <option>{s.ShardId}</option>)}</select></label>
        <label>From <select value={kPositions.some((p) => p.id === from) ? from : ''} onChange={(e) => setFrom(e.currentTarget.value)}>
          {kPositions.map((p) => <option value={p.id}>{p.name}</option>)}
          {!kPositions.some((p) => p.id === from) && <option value="">offset {from}</option>}
        </select></label>
        <button onClick={page.reload}>Read again</button>
      </>
    }>
      <Show loaded={page}>
        {({ records, begin, end }) => records.length === 0 ? (
          <Empty>No record {from === '60' ? 'arrived there within the last hour of the engine’s time' : 'is kept there'}. Send some: <code>beer ingest --source simulated</code>.</Empty>
        ) : (
          <>
            <p class="hint">{count(records[0]!.offset - begin + 1)} to {count(records.at(-1)!.offset - begin + 1)} of {count(end - begin)} that are kept</p>
            <div class="split">
              <Table label="Records" rows={records} current={(r) => r === chosen} columns={[
                { name: 'Arrived (UTC)', cell: (r) => <button class="link" onClick={() => pick(r.sequenceNumber)}>{time(r.arrival)}</button> },
                { name: 'Partition key', cell: (r) => r.partitionKey },
                { name: 'Size', cell: (r) => bytes(Math.floor(r.data.length * 0.75)), number: true },
              ]} />
              {chosen && <div><p class="hint">Sequence number {chosen.sequenceNumber}</p><Code label="The record" text={decoded(chosen.data)} /></div>}
            </div>
          </>
        )}
      </Show>
      {value && (
        <p class="pager">
          <button disabled={value.from <= value.begin} onClick={() => setFrom(String(Math.max(value.begin, value.from - kPage)))}>Earlier</button>
          <button disabled={value.from + value.records.length >= value.end} onClick={() => setFrom(String(value.from + value.records.length))}>Later</button>
        </p>
      )}
    </Panel>
  );
}

function Traffic({ stream }: { stream: string }) {
  const traffic = useLoad(async () => {
    const dimensions = { StreamName: stream };
    const [records, age] = await metrics([
      { namespace: 'AWS/Kinesis', name: 'IncomingRecords', dimensions },
      { namespace: 'AWS/Kinesis', name: 'GetRecords.IteratorAgeMilliseconds', dimensions, stat: 'Maximum' },
    ], 180);
    return { records: records!, age: age! };
  }, [stream], 10000);
  return (
    <Show loaded={traffic}>
      {({ records, age }) => (
        <div class="charts">
          <Panel title="Records in a minute" level={3}>
            {records.values.length ? <Chart label="Records in a minute" time range={records.range} x={records.times} lines={[{ name: 'records', values: records.values, kind: 'bars' }]} /> : <Empty>Nothing came in within three hours of the engine's time.</Empty>}
          </Panel>
          <Panel title="Readers' lag in ms" level={3}>
            {age.values.length ? <Chart label="Readers' lag in milliseconds" time range={age.range} x={age.times} lines={[{ name: 'lag', values: age.values }]} /> : <Empty>Nobody has read within three hours of the engine's time.</Empty>}
          </Panel>
        </div>
      )}
    </Show>
  );
}

function Stream({ name }: { name: string }) {
  const [token, setToken] = useState<string>();
  const stream = useLoad(async () => {
    const [summary, shards] = await Promise.all([
      json<{ StreamDescriptionSummary: Summary }>('kinesis', 'DescribeStreamSummary', { StreamName: name }),
      json<{ Shards: Shard[]; NextToken?: string }>('kinesis', 'ListShards', token ? { NextToken: token, MaxResults: 50 } : { StreamName: name, MaxResults: 50 }),
    ]);
    return { ...summary.StreamDescriptionSummary, shards: shards.Shards, next: shards.NextToken };
  }, [name, token]);
  const all = 2n ** 128n;
  const share = (shard: Shard) => Number(((BigInt(shard.HashKeyRange.EndingHashKey) - BigInt(shard.HashKeyRange.StartingHashKey) + 1n) * 1000n) / all) / 10;
  return (
    <Show loaded={stream}>
      {(value) => (
        <>
          <Panel title={value.StreamName}>
            <Facts facts={[
              ['State', <State state={value.StreamStatus} />],
              ['Open shards', value.OpenShardCount],
              ['Kept for', `${value.RetentionPeriodHours} h`],
              ['Mode', value.StreamModeDetails?.StreamMode],
              ['Encryption', value.EncryptionType],
              ['Consumers with a way of their own', value.ConsumerCount],
            ]} />
            <Table label="Shards" rows={value.shards} columns={[
              { name: 'Shard', cell: (s) => s.ShardId },
              { name: 'State', cell: (s) => (s.SequenceNumberRange.EndingSequenceNumber ? 'closed' : <State state="active" />) },
              { name: 'Of all hash keys', cell: (s) => `${share(s)} %`, number: true },
              { name: 'Came from', cell: (s) => s.ParentShardId ?? '–' },
              { name: 'First sequence number', cell: (s) => s.SequenceNumberRange.StartingSequenceNumber },
            ]} />
            {value.next && <p class="pager"><button onClick={() => setToken(value.next)}>More shards</button></p>}
          </Panel>
          <Traffic stream={name} />
          {value.shards.length > 0 && <Peek key={name} stream={name} shards={value.shards} />}
        </>
      )}
    </Show>
  );
}

export function Streams({ path }: ViewProps) {
  const streams = useLoad(() => json<{ StreamNames: string[]; HasMoreStreams: boolean }>('kinesis', 'ListStreams', { Limit: 100 }), []);
  const chosen = path[0] ?? streams.value?.StreamNames[0];
  return (
    <Show loaded={streams}>
      {({ StreamNames }) => StreamNames.length === 0 ? (
        <Empty>No stream yet. <code>beer deploy</code> makes the one of beer.yaml.</Empty>
      ) : (
        <>
          {StreamNames.length > 1 && (
            <nav class="chips" aria-label="Streams">
              {StreamNames.map((name) => <a href={`#/streams/${name}`} aria-current={name === chosen ? 'true' : undefined}>{name}</a>)}
            </nav>
          )}
          {chosen && <Stream name={chosen} />}
        </>
      )}
    </Show>
  );
}
