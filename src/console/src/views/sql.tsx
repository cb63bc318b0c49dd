// SQL through Athena: tables, an editor, results with their types, how long it took, and a chart.
import type { JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import type { ViewProps } from '../main';
import { all, json } from '../aws/client';
import { Chart, type Line } from '../ui/chart';
import { bytes, count, duration, time } from '../ui/format';
import { useLoad } from '../ui/load';
import { Empty, ErrorBox, Grid, Panel, Show, State, Table, Tabs } from '../ui/parts';

interface Execution {
  QueryExecutionId: string;
  Query: string;
  Status: { State: string; StateChangeReason?: string; SubmissionDateTime: number };
  Statistics?: { EngineExecutionTimeInMillis?: number; TotalExecutionTimeInMillis?: number; DataScannedInBytes?: number; QueryQueueTimeInMillis?: number };
  ResultConfiguration?: { OutputLocation?: string };
}
interface Results {
  ResultSet: { Rows: { Data: { VarCharValue?: string }[] }[]; ResultSetMetadata: { ColumnInfo: { Name: string; Type: string }[] } };
  NextToken?: string;
  UpdateCount?: number;
}
interface Answer {
  execution: Execution;
  columns: { name: string; type: string }[];
  rows: (string | null)[][];
  next?: string;
}

const kNumber = /^(tinyint|smallint|integer|int|bigint|float|double|real|decimal)/;
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function workgroup(): Promise<string> {
  const { WorkGroups } = await json<{ WorkGroups: { Name: string }[] }>('athena', 'ListWorkGroups');
  return WorkGroups.find((group) => group.Name !== 'primary')?.Name ?? 'primary';
}

async function readPage(id: string, token?: string): Promise<Pick<Answer, 'columns' | 'rows' | 'next'>> {
  const page = await json<Results>('athena', 'GetQueryResults', { QueryExecutionId: id, MaxResults: 201, NextToken: token });
  const columns = page.ResultSet.ResultSetMetadata.ColumnInfo.map(({ Name, Type }) => ({ name: Name, type: Type }));
  const rows = page.ResultSet.Rows.map((row) => row.Data.map((cell) => cell.VarCharValue ?? null));
  // The first page begins with the columns' names.
  if (!token && rows[0]?.every((cell, i) => cell === columns[i]?.name)) rows.shift();
  return { columns, rows, next: page.NextToken };
}

async function run(sql: string, database: string | undefined, started: (id: string) => void): Promise<Answer> {
  const { QueryExecutionId } = await json<{ QueryExecutionId: string }>('athena', 'StartQueryExecution', {
    QueryString: sql,
    WorkGroup: await workgroup(),
    QueryExecutionContext: database ? { Database: database } : undefined,
  });
  started(QueryExecutionId);
  for (let pause = 10; ; pause = Math.min(500, pause * 1.5)) {
    const { QueryExecution } = await json<{ QueryExecution: Execution }>('athena', 'GetQueryExecution', { QueryExecutionId });
    const { State: state, StateChangeReason } = QueryExecution.Status;
    if (state === 'FAILED' || state === 'CANCELLED') throw new Error(StateChangeReason ?? `The query was ${state.toLowerCase()}.`);
    if (state === 'SUCCEEDED') return { execution: QueryExecution, ...(await readPage(QueryExecutionId)) };
    await wait(pause);
  }
}

/** Two columns as a picture: the first that names or counts, the first number behind it. */
function Picture({ answer }: { answer: Answer }) {
  const numbers = answer.columns.flatMap((column, i) => (kNumber.test(column.type) ? [i] : []));
  const [x, setX] = useState(() => Math.max(0, answer.columns.findIndex((_, i) => i !== numbers[numbers.length > 1 ? 1 : 0])));
  const [y, setY] = useState(() => numbers.find((i) => i !== x) ?? numbers[0] ?? 0);
  const drawn = useMemo(() => {
    const rows = answer.rows.filter((row) => row[y] !== null).slice(0, 500);
    const values = rows.map((row) => Number(row[y]));
    const name = answer.columns[y]?.name ?? '';
    if (numbers.includes(x)) {
      const points = rows.map((row, i) => [Number(row[x]), values[i]!] as const).filter(([a]) => !isNaN(a)).sort(([a], [b]) => a - b);
      return { x: points.map(([a]) => a), lines: [{ name, values: points.map(([, b]) => b), kind: 'points' }] as Line[] };
    }
    return { x: rows.map((_, i) => i), labels: rows.map((row) => (row[x] ?? 'null').slice(0, 14)), lines: [{ name, values, kind: 'bars' }] as Line[] };
  }, [answer, x, y]);
  if (numbers.length === 0) return <Empty>A chart needs a column of numbers; this result has none.</Empty>;
  return (
    <>
      <p class="fields">
        <label>Across <select value={x} onChange={(e) => setX(Number(e.currentTarget.value))}>{answer.columns.map((c, i) => <option value={i}>{c.name}</option>)}</select></label>
        <label>Up <select value={y} onChange={(e) => setY(Number(e.currentTarget.value))}>{numbers.map((i) => <option value={i}>{answer.columns[i]!.name}</option>)}</select></label>
      </p>
      <Chart label={`${answer.columns[y]?.name} by ${answer.columns[x]?.name}`} {...drawn} height={260} xLabel={answer.columns[x]?.name} yLabel={answer.columns[y]?.name} />
    </>
  );
}

function Result({ answer, more }: { answer: Answer; more: () => void }) {
  const { Statistics: took } = answer.execution;
  return (
    <Panel title="Result" aside={`${count(answer.rows.length)}${answer.next ? '+' : ''} rows · ${duration(took?.TotalExecutionTimeInMillis)} in all, ${duration(took?.EngineExecutionTimeInMillis)} of them the engine · ${bytes(took?.DataScannedInBytes)} read`}>
      {answer.columns.length === 0 ? <Empty>The statement is done; it gives no rows.</Empty> : (
        <Tabs label="Result" tabs={[
          { id: 'rows', name: 'Rows', body: () => (
            <>
              {answer.rows.length === 0 ? <Empty>No row fits.</Empty> : <Grid label="Rows of the result" columns={answer.columns} rows={answer.rows} />}
              {answer.next && <p class="pager"><button onClick={more}>200 more</button></p>}
            </>
          ) },
          { id: 'chart', name: 'Chart', body: () => <Picture answer={answer} /> },
        ]} />
      )}
    </Panel>
  );
}

async function catalog() {
  const { DatabaseList } = await json<{ DatabaseList: { Name: string }[] }>('glue', 'GetDatabases');
  const tables = await Promise.all(DatabaseList.map(({ Name }) => json<{ TableList: { Name: string; DatabaseName: string; StorageDescriptor?: { Columns?: { Name: string; Type: string; Comment?: string }[] }; PartitionKeys?: { Name: string; Type: string }[] }[] }>('glue', 'GetTables', { DatabaseName: Name, MaxResults: 100 })));
  return tables.flatMap((page) => page.TableList);
}

async function saved() {
  const ids = await all(async (NextToken) => {
    const page = await json<{ NamedQueryIds: string[]; NextToken?: string }>('athena', 'ListNamedQueries', { WorkGroup: await workgroup(), NextToken });
    return { items: page.NamedQueryIds, next: page.NextToken };
  }, 50);
  if (ids.length === 0) return [];
  return (await json<{ NamedQueries: { Name: string; QueryString: string }[] }>('athena', 'BatchGetNamedQuery', { NamedQueryIds: ids.slice(0, 50) })).NamedQueries;
}

async function history() {
  const { QueryExecutionIds } = await json<{ QueryExecutionIds: string[] }>('athena', 'ListQueryExecutions', { WorkGroup: await workgroup(), MaxResults: 20 });
  if (QueryExecutionIds.length === 0) return [];
  return (await json<{ QueryExecutions: Execution[] }>('athena', 'BatchGetQueryExecution', { QueryExecutionIds })).QueryExecutions;
}

export function Sql({ path }: ViewProps) {
  const tables = useLoad(catalog, []);
  const named = useLoad(saved, []);
  const before = useLoad(history, []);
  const editor = useRef<HTMLTextAreaElement>(null);
  const [state, setState] = useState<{ answer?: Answer; error?: Error; busy?: string }>({});
  const database = path[0] ?? tables.value?.[0]?.DatabaseName;
  const start = path[1] ? `SELECT * FROM ${path[1]} LIMIT 100` : (sessionStorage.getItem('console-sql') ?? '');

  const execute = async () => {
    const sql = editor.current!.value.trim();
    if (!sql || state.busy !== undefined) return;
    sessionStorage.setItem('console-sql', sql);
    setState({ busy: '' });
    try {
      setState({ answer: await run(sql, database, (busy) => setState({ busy })) });
    } catch (error) {
      setState({ error: error as Error });
    }
    before.reload();
  };
  const put = (sql: string) => {
    editor.current!.value = sql;
    editor.current!.focus();
  };
  const more = async () => {
    const answer = state.answer!;
    const page = await readPage(answer.execution.QueryExecutionId, answer.next);
    setState({ answer: { ...answer, rows: [...answer.rows, ...page.rows], next: page.next } });
  };
  const keys = (event: JSX.TargetedKeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void execute();
    }
  };
  return (
    <div class="with-side">
      <div>
        <Panel title="Statement" aside={database && `database ${database}`}>
          <textarea ref={editor} class="code" aria-label="SQL statement" rows={6} spellcheck={false} defaultValue={start} placeholder="SELECT …" onKeyDown={keys} />
          <p class="fields">
            <button class="primary" disabled={state.busy !== undefined} onClick={() => void execute()}>{state.busy !== undefined ? 'Running…' : 'Run'}</button>
            {state.busy && <button onClick={() => void json('athena', 'StopQueryExecution', { QueryExecutionId: state.busy })}>Stop</button>}
            <span class="hint">Ctrl+Enter runs it</span>
          </p>
        </Panel>
        {state.error && <ErrorBox error={state.error} />}
        {state.answer && <Result key={state.answer.execution.QueryExecutionId} answer={state.answer} more={() => void more()} />}
        <Panel title="Statements before">
          <Show loaded={before}>
            {(value) => (
              <Table label="Statements before" rows={value} empty="None has been run in this workgroup yet." columns={[
                { name: 'Submitted (UTC)', cell: (one) => time(one.Status.SubmissionDateTime) },
                { name: 'State', cell: (one) => <State state={one.Status.State} /> },
                { name: 'Took', cell: (one) => duration(one.Statistics?.TotalExecutionTimeInMillis), number: true },
                { name: 'Read', cell: (one) => bytes(one.Statistics?.DataScannedInBytes), number: true },
                { name: 'Statement', cell: (one) => <button class="link mono" title={one.Status.StateChangeReason} onClick={() => put(one.Query)}>{one.Query.replace(/\s+/g, ' ').slice(0, 110)}</button>, wrap: true },
              ]} />
            )}
          </Show>
        </Panel>
      </div>
      <aside aria-label="Tables and saved statements">
        <Panel title="Tables">
          <Show loaded={tables}>
            {(value) => value.length === 0 ? <Empty>The catalog has no table yet. <code>beer deploy</code> makes the one of beer.yaml, a crawler or CREATE TABLE others.</Empty> : (
              <>
                {value.map((table) => (
                  <details open={value.length === 1}>
                    <summary>{table.DatabaseName}.<b>{table.Name}</b></summary>
                    <button class="link" onClick={() => put(`SELECT * FROM ${table.DatabaseName}.${table.Name} LIMIT 100`)}>first 100 rows</button>
                    <ul class="columns">
                      {[...(table.StorageDescriptor?.Columns ?? []), ...(table.PartitionKeys ?? [])].map((column) => (
                        <li title={(column as { Comment?: string }).Comment}><span>{column.Name}</span> <small>{column.Type}</small></li>
                      ))}
                    </ul>
                  </details>
                ))}
              </>
            )}
          </Show>
        </Panel>
        <Panel title="Saved">
          <Show loaded={named}>
            {(value) => value.length === 0 ? <Empty>No saved statements.</Empty> : (
              <ul class="plain">{value.map((query) => <li><button class="link" onClick={() => put(query.QueryString)}>{query.Name}</button></li>)}</ul>
            )}
          </Show>
        </Panel>
      </aside>
    </div>
  );
}
