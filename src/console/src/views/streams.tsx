// Streams: shards, what comes in, and a look at the records.
import { useState } from 'preact/hooks';
import type { ViewProps } from '../main';
import { engineNow, json } from '../aws/client';
import { metrics } from '../aws/metrics';
import { Chart } from '../ui/chart';
import { bytes, time } from '../ui/format';
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
interface StreamRecord { SequenceNumber: string; ApproximateArrivalTimestamp: number; Data: string; PartitionKey: string }

const kPositions = [
  { id: '5', name: 'the last 5 minutes' },
  { id: '60', name: 'the last hour' },
  { id: 'start', name: 'the oldest kept' },
];

async function position(stream: string, shard: string, from: string): Promise<string> {
  const start = from === 'start' ? { ShardIteratorType: 'TRIM_HORIZON' } : { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: engineNow() / 1000 - Number(from) * 60 };
  return (await json<{ ShardIterator: string }>('kinesis', 'GetShardIterator', { StreamName: stream, ShardId: shard, ...start })).ShardIterator;
}

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
  const [from, setFrom] = useState('60');
  const [pages, setPages] = useState<string[]>([]); // the iterator of each further page
  const [picked, pick] = useState('');
  const page = useLoad(async () => {
    const iterator = pages.at(-1) ?? (await position(stream, shard, from));
    return json<{ Records: StreamRecord[]; NextShardIterator?: string; MillisBehindLatest: number }>('kinesis', 'GetRecords', { ShardIterator: iterator, Limit: 25 });
  }, [stream, shard, from, pages]);
  const chosen = page.value?.Records.find((record) => record.SequenceNumber === picked) ?? page.value?.Records[0];
  return (
    <Panel title="Records" aside={
      <>
        <label>Shard <select value={shard} onChange={(e) => (setShard(e.currentTarget.value), setPages([]))}>{shards.map((s) => <option>{s.ShardId}</option>)}</select></label>
        <label>From <select value={from} onChange={(e) => (setFrom(e.currentTarget.value), setPages([]))}>{kPositions.map((p) => <option value={p.id}>{p.name}</option>)}</select></label>
        <button onClick={() => (setPages([]), page.reload())}>Read again</button>
      </>
    }>
      <Show loaded={page}>
        {(value) => value.Records.length === 0 ? (
          <Empty>No record arrived there{value.MillisBehindLatest > 0 ? ' in this stretch; later ones follow' : ''}. Look from “the oldest kept”, or send some: <code>beer ingest --source simulated</code>.</Empty>
        ) : (
          <div class="split">
            <Table label="Records" rows={value.Records} current={(r) => r === chosen} columns={[
              { name: 'Arrived (UTC)', cell: (r) => <button class="link" onClick={() => pick(r.SequenceNumber)}>{time(r.ApproximateArrivalTimestamp)}</button> },
              { name: 'Partition key', cell: (r) => r.PartitionKey },
              { name: 'Size', cell: (r) => bytes(Math.floor(r.Data.length * 0.75)), number: true },
            ]} />
            {chosen && <div><p class="hint">Sequence number {chosen.SequenceNumber}</p><Code label="The record" text={decoded(chosen.Data)} /></div>}
          </div>
        )}
      </Show>
      <p class="pager">
        <button disabled={pages.length === 0} onClick={() => setPages(pages.slice(0, -1))}>Earlier</button>
        <button disabled={!page.value?.NextShardIterator || page.value.MillisBehindLatest === 0} onClick={() => setPages([...pages, page.value!.NextShardIterator!])}>Later</button>
      </p>
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
            {records.values.length ? <Chart label="Records in a minute" time x={records.times} lines={[{ name: 'records', values: records.values, kind: 'bars' }]} /> : <Empty>Nothing came in within three hours of the engine's time.</Empty>}
          </Panel>
          <Panel title="Readers' lag in ms" level={3}>
            {age.values.length ? <Chart label="Readers' lag in milliseconds" time x={age.times} lines={[{ name: 'lag', values: age.values }]} /> : <Empty>Nobody has read within three hours of the engine's time.</Empty>}
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
