// Boxes and arrows on a grid: side by side where there is room, one below the other where there isn't.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { toneOf } from './parts';

export interface Node {
  id: string;
  kind: string; // what it is, above its name
  name: string;
  note?: string;
  state?: string;
  href?: string;
  column: number;
  narrow?: number; // its column where the graph is narrow, if another
  band?: number; // bands lie below each other; 0 when left out
}

export interface Edge {
  from: string;
  to: string;
  label?: string; // above the arrow
  under?: string; // below it
  bad?: string; // what is wrong, in red
  live?: boolean;
}

interface Place {
  x: number;
  y: number;
}

const kHeight = 62;
const kRow = 84;
const kNarrow = 700;

/** Where each node stands, and how large all is. */
function layOut(nodes: Node[], width: number, columns: number) {
  const places = new Map<string, Place>();
  const narrow = width < kNarrow;
  let top = 0;
  let boxWidth = Math.min(164, Math.floor((width / columns) * 0.7));
  if (narrow) boxWidth = Math.min(170, Math.floor(width / 2) - 10);
  for (const band of [...new Set(nodes.map((node) => node.band ?? 0))].sort()) {
    const inBand = nodes.filter((node) => (node.band ?? 0) === band);
    const columnOf = (node: Node) => (narrow ? (node.narrow ?? node.column) : node.column);
    const order = [...new Set(inBand.map(columnOf))].sort((a, b) => (narrow && band % 2 ? b - a : a - b));
    let deepest = 0;
    for (const column of order) {
      const stack = inBand.filter((node) => columnOf(node) === column);
      if (narrow) {
        stack.forEach((node, i) => {
          const inRow = Math.min(2, stack.length - Math.floor(i / 2) * 2);
          const x = (width - inRow * boxWidth - (inRow - 1) * 16) / 2 + (i % 2) * (boxWidth + 16);
          places.set(node.id, { x, y: top + Math.floor(i / 2) * (kHeight + 14) });
        });
        top += Math.ceil(stack.length / 2) * (kHeight + 14) + 26;
      } else {
        const step = columns > 1 ? (width - boxWidth - 2) / (columns - 1) : 0;
        stack.forEach((node, i) => places.set(node.id, { x: 1 + column * step, y: top + i * kRow }));
        deepest = Math.max(deepest, stack.length);
      }
    }
    if (!narrow) top += deepest * kRow + 30;
  }
  return { places, boxWidth, narrow, height: Math.max(kHeight, top - (narrow ? 40 : kRow - kHeight + 30) + 4) };
}

/** A curve from box to box, and where its words go. */
function curve(a: Place, b: Place, boxWidth: number, narrow: boolean) {
  const mid = kHeight / 2;
  const beside = !narrow || a.y === b.y;
  if (beside && b.x > a.x + boxWidth) return across(a.x + boxWidth, a.y + mid, b.x, b.y + mid);
  if (beside && b.x + boxWidth < a.x && Math.abs(a.y - b.y) < kRow * 2) return across(a.x, a.y + mid, b.x + boxWidth, b.y + mid);
  const down = b.y > a.y;
  const x1 = a.x + boxWidth / 2;
  const x2 = b.x + boxWidth / 2;
  const y1 = down ? a.y + kHeight : a.y;
  const y2 = down ? b.y : b.y + kHeight;
  const bend = Math.max(8, Math.abs(y2 - y1) / 2) * (down ? 1 : -1);
  return { path: `M${x1},${y1} C${x1},${y1 + bend} ${x2},${y2 - bend} ${x2},${y2}`, x: (x1 + x2) / 2, y: (y1 + y2) / 2, upright: true };
}

function across(x1: number, y1: number, x2: number, y2: number) {
  const bend = (x2 - x1) / 2;
  return { path: `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`, x: (x1 + x2) / 2, y: (y1 + y2) / 2, upright: false };
}

export function Graph(props: { label: string; nodes: Node[]; edges: Edge[]; onPick?: (id: string) => void; picked?: string; children?: ComponentChildren }) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = place.current!;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);
  const columns = Math.max(1, ...props.nodes.map((node) => node.column + 1));
  const { places, boxWidth, narrow, height } = layOut(props.nodes, width || 1000, columns);
  const drawn = props.edges
    .filter((edge) => places.has(edge.from) && places.has(edge.to))
    .map((edge) => ({ edge, ...curve(places.get(edge.from)!, places.get(edge.to)!, boxWidth, narrow) }));
  return (
    <div class="graph" ref={place} style={{ height: `${height}px` }} role="group" aria-label={props.label}>
      <svg width={width} height={height} aria-hidden="true">
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0,0 L8,4 L0,8 z" class="head" />
          </marker>
        </defs>
        {drawn.map(({ edge, path }) => (
          <path d={path} class={`edge ${edge.bad ? 'bad' : edge.live ? 'live' : ''}`} marker-end="url(#arrow)" />
        ))}
      </svg>
      {drawn.map(
        ({ edge, x, y, upright }) =>
          (edge.label || edge.under || edge.bad) && (
            <span class={`edge-label ${upright ? 'upright' : ''}`} style={{ left: `${x}px`, top: `${y}px` }} aria-hidden="true">
              <span>{edge.label}</span>
              <span>{edge.under}{edge.bad && <b>{edge.bad}</b>}</span>
            </span>
          ),
      )}
      {props.nodes.map((node) => {
        const at = places.get(node.id)!;
        const inside = (
          <>
            <span class="kind">{node.kind}</span>
            <span class="name">{node.name}</span>
            <span class="note">{node.note}</span>
          </>
        );
        const common = {
          class: `node ${node.state ? toneOf(node.state) : ''} ${props.picked === node.id ? 'picked' : ''}`,
          style: { left: `${at.x}px`, top: `${at.y}px`, width: `${boxWidth}px`, height: `${kHeight}px` },
          title: [node.name, node.state, node.note].filter(Boolean).join(' · '),
        };
        if (props.onPick) return <button {...common} aria-pressed={props.picked === node.id} onClick={() => props.onPick!(node.id)}>{inside}</button>;
        return node.href ? <a {...common} href={node.href}>{inside}</a> : <div {...common}>{inside}</div>;
      })}
    </div>
  );
}
