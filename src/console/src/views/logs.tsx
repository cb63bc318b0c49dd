// Logs: what functions, jobs, deliveries and endpoints have said lately.
import { useState } from 'preact/hooks';
import type { ViewProps } from '../main';
import { all, engineNow, json } from '../aws/client';
import { bytes, time } from '../ui/format';
import { useLoad } from '../ui/load';
import { Empty, Panel, Show, Table } from '../ui/parts';

interface Group { logGroupName: string; storedBytes?: number; retentionInDays?: number }
interface Event { timestamp: number; message: string; logStreamName: string }

const kSpans = [{ minutes: 15, name: 'the last 15 minutes' }, { minutes: 120, name: 'two hours' }, { minutes: 1440, name: 'a day' }, { minutes: 14400, name: 'ten days' }];
const kMost = 300;

function GroupView({ group }: { group: Group }) {
  const [minutes, setMinutes] = useState(120);
  const [pattern, setPattern] = useState('');
  const events = useLoad(
    () => all(async (nextToken) => {
      const page = await json<{ events: Event[]; nextToken?: string }>('logs', 'FilterLogEvents', {
        logGroupName: group.logGroupName, filterPattern: pattern || undefined, startTime: Math.round(engineNow() - minutes * 60_000), limit: kMost, nextToken });
      return { items: page.events, next: page.nextToken };
    }, 2 * kMost),
    [group.logGroupName, minutes, pattern], 5000,
  );
  return (
    <Panel title={group.logGroupName} aside={
      <>
        <label>Words <input type="search" placeholder="ERROR" value={pattern} onChange={(e) => setPattern(e.currentTarget.value)} /></label>
        <label>Over <select value={minutes} onChange={(e) => setMinutes(Number(e.currentTarget.value))}>{kSpans.map((span) => <option value={span.minutes}>{span.name}</option>)}</select></label>
      </>
    }>
      <p class="hint">{bytes(group.storedBytes)} in all, kept {group.retentionInDays ? `${group.retentionInDays} days` : 'for good'}</p>
      <Show loaded={events}>
        {(list) => (
          <Table label={`Events of ${group.logGroupName}`} rows={list.slice(-kMost).reverse()} empty="Nothing was said in this span of the engine's time; a longer one may have something." columns={[
            { name: 'Time (UTC)', cell: (event) => time(event.timestamp) },
            { name: 'Message', cell: (event) => <span class="mono">{event.message.trimEnd()}</span>, wrap: true },
            { name: 'Stream', cell: (event) => event.logStreamName.slice(-40) },
          ]} />
        )}
      </Show>
    </Panel>
  );
}

export function Logs({ path }: ViewProps) {
  const groups = useLoad(() => json<{ logGroups: Group[] }>('logs', 'DescribeLogGroups', { limit: 50 }), []);
  const wanted = path.join('/');
  return (
    <Show loaded={groups}>
      {({ logGroups }) => {
        const chosen = logGroups.find((group) => group.logGroupName === wanted) ?? logGroups.find((group) => group.storedBytes) ?? logGroups[0];
        if (!chosen) return <Empty>Nothing has written a log yet: functions, jobs and endpoints do when they run.</Empty>;
        return (
          <>
            <nav class="chips" aria-label="Log groups">
              {logGroups.map(({ logGroupName }) => <a href={`#/logs/${logGroupName}`} aria-current={logGroupName === chosen.logGroupName ? 'true' : undefined}>{logGroupName}</a>)}
            </nav>
            <GroupView key={chosen.logGroupName} group={chosen} />
          </>
        );
      }}
    </Show>
  );
}
