// Buckets: folders, objects, and what is in them.
import { useState } from 'preact/hooks';
import type { ViewProps } from '../main';
import { get, getObject, listBuckets, listObjects, objectUrl, type S3Object } from '../aws/client';
import { bytes, time } from '../ui/format';
import { useLoad } from '../ui/load';
import { Code, Empty, ErrorBox, Grid, Panel, Show, Table } from '../ui/parts';

const kPreviewBytes = 256 << 10;
const kRows = 100;

interface Preview {
  about: string;
  columns?: { name: string; type?: string }[];
  rows?: (string | null)[][];
  text?: string;
  image?: string;
}

/** RFC 4180, as far as a preview needs it. */
export function parseCsv(text: string, most: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length && rows.length < most; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') cell += text[++i];
      else if (c === '"') quoted = false;
      else cell += c;
    } else if (c === '"') quoted = true;
    else if (c === ',') (row.push(cell), (cell = ''));
    else if (c === '\n') (row.push(cell.replace(/\r$/, '')), rows.push(row), (row = []), (cell = ''));
    else cell += c;
  }
  if (rows.length < most && (cell || row.length)) rows.push([...row, cell]);
  return rows;
}

/** Inflates as much as came: the end of a cut stream is missed, and that is all. */
async function inflate(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new Blob([data]).stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for (let piece = await reader.read(); !piece.done && size < 4 * kPreviewBytes; piece = await reader.read()) {
      pieces.push(piece.value);
      size += piece.value.length;
    }
  } catch (error) {
    if (pieces.length === 0) throw error;
  }
  return new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer());
}

/** The names in a tar archive. */
function listTar(data: Uint8Array): string[][] {
  const text = (from: number, size: number) => new TextDecoder().decode(data.slice(from, from + size)).replace(/\0.*$/s, '');
  const rows: string[][] = [];
  for (let at = 0; at + 512 <= data.length && data[at]; ) {
    const size = parseInt(text(at + 124, 12).trim() || '0', 8);
    rows.push([text(at, 100), String(size)]);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return rows;
}

function fromText(text: string, key: string, cut: boolean): Preview {
  const about = cut ? `the first ${bytes(kPreviewBytes)}` : 'whole';
  const lines = text.trimStart();
  if (/\.csv$/i.test(key)) {
    const rows = parseCsv(text, kRows + 1);
    const numbers = rows[0]?.every((cell) => cell !== '' && !isNaN(Number(cell)));
    const columns = numbers ? rows[0]!.map((_, i) => ({ name: String(i + 1) })) : (rows.shift() ?? []).map((name) => ({ name }));
    return { about: `CSV, ${about}${rows.length > kRows ? `, ${kRows} rows of it` : ''}`, columns, rows: rows.slice(0, kRows) };
  }
  if (/^[[{]/.test(lines)) {
    try {
      return { about: 'JSON', text: JSON.stringify(JSON.parse(text), null, 2).slice(0, kPreviewBytes) };
    } catch {
      const objects: Record<string, unknown>[] = [];
      for (const line of text.split('\n').slice(0, kRows)) {
        try {
          if (line.trim()) objects.push(JSON.parse(line) as Record<string, unknown>);
        } catch {
          break; // the line that was cut, or no JSON lines at all
        }
      }
      if (objects.length) {
        const names = [...new Set(objects.flatMap((object) => Object.keys(object)))];
        const cell = (value: unknown) => (value === null || value === undefined ? null : typeof value === 'string' ? value : JSON.stringify(value));
        return { about: `JSON lines, ${objects.length} of them`, columns: names.map((name) => ({ name })), rows: objects.map((object) => names.map((name) => cell(object[name]))) };
      }
    }
  }
  return { about: `text, ${about}`, text };
}

async function preview(bucket: string, object: S3Object): Promise<Preview> {
  const { key } = object;
  if (object.size === 0) return { about: 'empty', text: '' };
  if (/\.parquet$/i.test(key)) {
    const file = await get<{ rows: number; columns: { name: string; type: string }[]; values: (string | null)[][] }>('console', '/_engine/console/parquet', { bucket, key, limit: String(kRows) });
    return { about: `Parquet, ${file.rows} rows, ${file.columns.length} columns`, columns: file.columns, rows: file.values };
  }
  const response = await getObject(bucket, key, kPreviewBytes);
  const type = response.headers.get('content-type') ?? '';
  let data = new Uint8Array(await response.arrayBuffer());
  if (/^image\/(png|jpeg|gif|webp)/.test(type) && object.size <= kPreviewBytes) {
    return { about: type, image: `data:${type};base64,${btoa(String.fromCharCode(...data))}` };
  }
  const zipped = data[0] === 0x1f && data[1] === 0x8b;
  if (zipped) data = await inflate(data);
  if (/\.(tar|tar\.gz|tgz)$/i.test(key)) {
    return { about: 'archive', columns: [{ name: 'file' }, { name: 'bytes' }], rows: listTar(data) };
  }
  if (data.subarray(0, 4096).includes(0)) return { about: `${bytes(object.size)} of no text; save it to look at it` };
  return fromText(new TextDecoder().decode(data), key.replace(/\.gz$/i, ''), object.size > kPreviewBytes);
}

function ObjectView({ bucket, object }: { bucket: string; object: S3Object }) {
  const shown = useLoad(() => preview(bucket, object), [bucket, object.key]);
  const open = async (save: boolean) => window.open(await objectUrl(bucket, object.key, save), '_blank', 'noopener');
  return (
    <Panel title={object.key.split('/').pop() ?? object.key} aside={
      <>
        {/\.html?$/i.test(object.key) && <button onClick={() => void open(false)}>Open</button>}
        <button onClick={() => void open(true)}>Save</button>
      </>
    }>
      <p class="hint">s3://{bucket}/{object.key} · {bytes(object.size)} · {time(object.modified)}</p>
      <Show loaded={shown}>
        {(value) => (
          <>
            <p class="hint">{value.about}</p>
            {value.image && <img src={value.image} alt={object.key} />}
            {value.rows && value.columns && <Grid label={`Preview of ${object.key}`} columns={value.columns} rows={value.rows} />}
            {value.text !== undefined && <Code label={`Preview of ${object.key}`} text={value.text} />}
          </>
        )}
      </Show>
    </Panel>
  );
}

function Folder({ bucket, prefix }: { bucket: string; prefix: string }) {
  const [tokens, setTokens] = useState<string[]>([]);
  const [picked, pick] = useState<S3Object>();
  const page = useLoad(() => listObjects(bucket, prefix, { token: tokens.at(-1) }), [bucket, prefix, tokens]);
  const href = (key: string) => `#/buckets/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
  const crumbs = prefix.split('/').filter(Boolean);
  type Row = { folder: string } | S3Object;
  return (
    <>
      <Panel title={bucket}>
        <nav class="crumbs" aria-label="Folders">
          <a href={`#/buckets/${bucket}`}>{bucket}</a>
          {crumbs.map((crumb, i) => <> / <a href={href(crumbs.slice(0, i + 1).join('/') + '/')}>{crumb}</a></>)}
        </nav>
        <Show loaded={page}>
          {(value) => (
            <Table<Row>
              label={`Objects of ${bucket}`}
              rows={[...value.folders.map((folder) => ({ folder })), ...value.objects.filter((object) => object.key !== prefix)]}
              empty={prefix ? 'This folder is empty.' : <>Nothing has been written here yet. The lake's buckets fill when records are delivered: <code>beer ingest --source simulated</code>; queries and training fill theirs.</>}
              current={(row) => row === picked}
              columns={[
                { name: 'Name', cell: (row) => 'folder' in row ? <a href={href(row.folder)}>{row.folder.slice(prefix.length)}</a> : <button class="link" onClick={() => pick(row)}>{row.key.slice(prefix.length)}</button> },
                { name: 'Size', cell: (row) => ('folder' in row ? '' : bytes(row.size)), number: true },
                { name: 'Modified (UTC)', cell: (row) => ('folder' in row ? '' : time(row.modified)) },
              ]}
            />
          )}
        </Show>
        {(tokens.length > 0 || page.value?.next) && (
          <p class="pager">
            <button disabled={tokens.length === 0} onClick={() => setTokens(tokens.slice(0, -1))}>Before</button>
            <button disabled={!page.value?.next} onClick={() => setTokens([...tokens, page.value!.next!])}>Next 100</button>
          </p>
        )}
      </Panel>
      {picked && <ObjectView key={picked.key} bucket={bucket} object={picked} />}
    </>
  );
}

export function Buckets({ path }: ViewProps) {
  const buckets = useLoad(listBuckets, []);
  const chosen = path[0] ?? buckets.value?.[0]?.name;
  const prefix = path.slice(1).join('/');
  if (buckets.error) return <ErrorBox error={buckets.error} />;
  return (
    <Show loaded={buckets}>
      {(value) => value.length === 0 ? (
        <Empty>No bucket yet. <code>beer deploy</code> makes those of beer.yaml.</Empty>
      ) : (
        <>
          <nav class="chips" aria-label="Buckets">
            {value.map(({ name }) => <a href={`#/buckets/${name}`} aria-current={name === chosen ? 'true' : undefined}>{name}</a>)}
          </nav>
          {chosen && <Folder key={`${chosen}/${prefix}`} bucket={chosen} prefix={prefix} />}
        </>
      )}
    </Show>
  );
}
