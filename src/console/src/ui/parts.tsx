// The pieces that views are made of.
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { CallError } from '../aws/session';
import type { Loaded } from './load';

export function Panel(props: { title: string; aside?: ComponentChildren; children: ComponentChildren; level?: 2 | 3 }) {
  const id = 'h-' + props.title.replace(/\W+/g, '-').toLowerCase();
  const Heading = `h${props.level ?? 2}` as 'h2';
  return (
    <section class="panel" aria-labelledby={id}>
      <header>
        <Heading id={id}>{props.title}</Heading>
        {props.aside && <div class="aside">{props.aside}</div>}
      </header>
      <div class="panel-body">{props.children}</div>
    </section>
  );
}

export function ErrorBox({ error }: { error: Error }) {
  const code = error instanceof CallError ? error.code : error.name;
  return (
    <p class="error" role="alert">
      <strong>{code}</strong> {error.message}
    </p>
  );
}

/** Says why there is nothing here, and what to do. */
export const Empty = ({ children }: { children: ComponentChildren }) => <p class="empty">{children}</p>;

/** What was loaded, its error in words, or that it is being loaded. */
export function Show<T>({ loaded, children }: { loaded: Loaded<T>; children: (value: T) => ComponentChildren }) {
  return (
    <>
      {loaded.error && <ErrorBox error={loaded.error} />}
      {loaded.value !== undefined && children(loaded.value)}
      {loaded.loading && loaded.value === undefined && <p class="loading" aria-busy="true">Loading…</p>}
    </>
  );
}

const kGood = /^(active|enabled|succeeded|inservice|completed|approved|ok|serving|ready|hit|true|running)$/i;
const kBad = /^(failed|alarm|error|rejected|outofservice|disabled|false|stopped)$/i;
const kBusy = /^(executing|creating|updating|inprogress|starting|pending.*|queued|insufficient_data|stopping|deleting)$/i;

export const toneOf = (state: string) => (kGood.test(state) ? 'good' : kBad.test(state) ? 'bad' : kBusy.test(state) ? 'busy' : 'none');

/** A state, by word, mark and colour. */
export function State({ state }: { state: string }) {
  const tone = toneOf(state);
  return (
    <span class={`state ${tone}`}>
      <span aria-hidden="true">{{ good: '●', bad: '▲', busy: '◐', none: '○' }[tone]}</span> {state}
    </span>
  );
}

export interface Column<T> {
  name: string;
  cell: (row: T) => ComponentChildren;
  number?: boolean;
  wrap?: boolean; // a text of any length
}

export function Table<T>(props: {
  label: string;
  columns: Column<T>[];
  rows: T[];
  empty?: ComponentChildren;
  current?: (row: T) => boolean;
}) {
  if (props.rows.length === 0 && props.empty) return <Empty>{props.empty}</Empty>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={props.label}>
      <table>
        <thead>
          <tr>
            {props.columns.map((column) => (
              <th scope="col" class={column.number ? 'number' : ''}>{column.name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr class={props.current?.(row) ? 'current' : ''}>
              {props.columns.map((column) => (
                <td class={column.number ? 'number' : column.wrap ? 'wrap' : ''}>{column.cell(row)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Names and what they are. */
export function Facts({ facts }: { facts: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          <dd>{value ?? '–'}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A bar for each name, with its value in words. */
export function Bars(props: { label: string; bars: { name: string; value: number; text: string }[] }) {
  const largest = Math.max(1e-9, ...props.bars.map((bar) => Math.abs(bar.value)));
  const signed = props.bars.some((bar) => bar.value < 0);
  return (
    <ul class={`bars ${signed ? 'signed' : ''}`} aria-label={props.label}>
      {props.bars.map((bar) => {
        const width = (Math.abs(bar.value) / largest) * (signed ? 50 : 100);
        return (
          <li>
            <span class="name">{bar.name}</span>
            <span class="track" aria-hidden="true">
              <span
                class={bar.value < 0 ? 'minus' : 'plus'}
                style={{ width: `${width}%`, left: signed ? `${bar.value < 0 ? 50 - width : 50}%` : '0' }}
              />
            </span>
            <span class="value">{bar.text}</span>
          </li>
        );
      })}
    </ul>
  );
}

/** One of several panes, chosen by its tab: arrow keys move as ARIA's pattern wants. */
export function Tabs(props: { label: string; tabs: { id: string; name: string; body: () => ComponentChildren }[] }) {
  const [chosen, choose] = useState(props.tabs[0]?.id);
  const at = Math.max(0, props.tabs.findIndex((tab) => tab.id === chosen));
  const tab = props.tabs[at];
  const keys = (event: JSX.TargetedKeyboardEvent<HTMLElement>) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = (at + step + props.tabs.length) % props.tabs.length;
    choose(props.tabs[next]!.id);
    (event.currentTarget.children[next] as HTMLElement).focus();
  };
  return (
    <div class="tabs">
      <div role="tablist" aria-label={props.label} onKeyDown={keys}>
        {props.tabs.map((one, i) => (
          <button
            role="tab"
            id={`tab-${one.id}`}
            aria-selected={i === at}
            aria-controls={`pane-${one.id}`}
            tabIndex={i === at ? 0 : -1}
            onClick={() => choose(one.id)}
          >
            {one.name}
          </button>
        ))}
      </div>
      {tab && (
        <div role="tabpanel" id={`pane-${tab.id}`} aria-labelledby={`tab-${tab.id}`} tabIndex={0}>
          {tab.body()}
        </div>
      )}
    </div>
  );
}

/** Rows of strings as a table: what a file, a query or a record holds. */
export function Grid(props: { label: string; columns: { name: string; type?: string }[]; rows: (string | null)[][] }) {
  return (
    <div class="scroll grid" tabIndex={0} role="region" aria-label={props.label}>
      <table>
        <thead>
          <tr>
            {props.columns.map((column) => (
              <th scope="col">
                {column.name}
                {column.type && <small>{column.type}</small>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row) => (
            <tr>
              {row.map((cell) => (
                <td class={cell !== null && cell !== '' && !isNaN(Number(cell)) ? 'number' : ''} title={cell && cell.length > 60 ? cell : undefined}>
                  {cell === null ? <span class="null">null</span> : cell.length > 200 ? cell.slice(0, 200) + '…' : cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export const Code = ({ label, text }: { label: string; text: string }) => (
  <pre class="code" tabIndex={0} role="region" aria-label={label}>{text}</pre>
);
