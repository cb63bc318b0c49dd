// Calls of the engine's AWS APIs and of its own pages, each protocol once.
import { CallError, dropSession, session } from './session';
import { encode, encodePath, presign, sign, type Call } from './sign';

export interface About {
  account: string;
  region: string;
  speed: number;
  now: number;
}

let about: About & { at: number } = { account: '', region: 'us-east-1', speed: 1, now: Date.now(), at: Date.now() };

/** The engine's time: it may run faster than ours. */
export const engineNow = () => about.now + (Date.now() - about.at) * about.speed;
export const engine = () => about;

const kUnknownKey = ['InvalidClientTokenId', 'UnrecognizedClientException', 'InvalidAccessKeyId'];

function readError(status: number, type: string | null, text: string): CallError {
  const json = /^\s*\{/.test(text) ? (JSON.parse(text) as Record<string, string>) : null;
  const code = (type ?? json?.__type ?? json?.code ?? /<Code>(.*?)<\/Code>/.exec(text)?.[1] ?? `HTTP ${status}`).split(/[#:]/);
  const message = json?.message ?? json?.Message ?? /<Message>(.*?)<\/Message>/s.exec(text)?.[1] ?? text.trim();
  return new CallError(code[code.length > 1 && code[1]?.startsWith('http') ? 0 : code.length - 1]!, message || `The engine answered ${status}.`, status);
}

/** Sends a call, signed by the session. Throws CallError. */
export async function send(call: Call, signal?: AbortSignal): Promise<Response> {
  const keys = session();
  if (!keys) throw new CallError('SignedOut', 'You are signed out.', 403);
  const { url, headers } = await sign(call, keys, about.region);
  let response: Response;
  try {
    response = await fetch(url, { method: call.method, headers, body: call.body, signal, cache: 'no-store' });
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw new CallError('NoAnswer', 'The engine does not answer. Is `beer up` still running?', 0);
  }
  if (response.ok) return response;
  const failed = readError(response.status, response.headers.get('x-amzn-errortype'), await response.text());
  if (kUnknownKey.includes(failed.code)) dropSession('Your session has ended: the engine was started again, or twelve hours are over.');
  throw failed;
}

const kTargets = {
  kinesis: ['Kinesis_20131202', '1.1', 'kinesis'],
  firehose: ['Firehose_20150804', '1.1', 'firehose'],
  events: ['AWSEvents', '1.1', 'events'],
  glue: ['AWSGlue', '1.1', 'glue'],
  athena: ['AmazonAthena', '1.1', 'athena'],
  sagemaker: ['SageMaker', '1.1', 'sagemaker'],
  logs: ['Logs_20140328', '1.1', 'logs'],
  cloudwatch: ['GraniteServiceVersion20100801', '1.0', 'monitoring'],
} as const;

/** An operation of a service that speaks awsJson. */
export async function json<T>(service: keyof typeof kTargets, operation: string, input: object = {}, signal?: AbortSignal): Promise<T> {
  const [prefix, version, name] = kTargets[service];
  const response = await send(
    {
      method: 'POST',
      path: '/',
      headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': `${prefix}.${operation}` },
      body: JSON.stringify(input),
      service: name,
    },
    signal,
  );
  const text = await response.text();
  return (text ? JSON.parse(text) : {}) as T;
}

/** A GET of a service that speaks restJson, or of the engine's own pages. */
export async function get<T>(service: string, path: string, query: Record<string, string> = {}): Promise<T> {
  return (await send({ method: 'GET', path, query, service })).json() as Promise<T>;
}

export async function loadAbout() {
  about = { ...(await get<About>('console', '/_engine/console/about')), at: Date.now() };
  return about;
}

/** All pages of a list, at most `most`. */
export async function all<T>(load: (token?: string) => Promise<{ items: T[]; next?: string }>, most = 1000): Promise<T[]> {
  const items: T[] = [];
  let token: string | undefined;
  do {
    const page = await load(token);
    items.push(...page.items);
    token = page.next;
  } while (token && items.length < most);
  return items;
}

// --- S3 ---

export interface S3Object {
  key: string;
  size: number;
  modified: string;
}
export interface S3Page {
  objects: S3Object[];
  folders: string[];
  next?: string;
}

const kXml = new DOMParser();
const textOf = (element: Element | Document, name: string) => element.getElementsByTagName(name)[0]?.textContent ?? '';

export const objectPath = (bucket: string, key: string) => `/${bucket}/${encodePath(key)}`;

export async function listBuckets(): Promise<{ name: string; created: string }[]> {
  const text = await (await send({ method: 'GET', path: '/', service: 's3' })).text();
  return [...kXml.parseFromString(text, 'text/xml').getElementsByTagName('Bucket')].map((bucket) => ({
    name: textOf(bucket, 'Name'),
    created: textOf(bucket, 'CreationDate'),
  }));
}

export async function listObjects(bucket: string, prefix: string, options: { token?: string; most?: number; flat?: boolean } = {}): Promise<S3Page> {
  const query: Record<string, string> = { 'list-type': '2', prefix, 'max-keys': String(options.most ?? 100) };
  if (!options.flat) query.delimiter = '/';
  if (options.token) query['continuation-token'] = options.token;
  const text = await (await send({ method: 'GET', path: `/${bucket}`, query, service: 's3' })).text();
  const page = kXml.parseFromString(text, 'text/xml');
  return {
    objects: [...page.getElementsByTagName('Contents')].map((one) => ({
      key: textOf(one, 'Key'),
      size: Number(textOf(one, 'Size')),
      modified: textOf(one, 'LastModified'),
    })),
    folders: [...page.getElementsByTagName('CommonPrefixes')].map((one) => textOf(one, 'Prefix')),
    next: textOf(page, 'NextContinuationToken') || undefined,
  };
}

/** An object's bytes, the first `most` of them. */
export async function getObject(bucket: string, key: string, most?: number): Promise<Response> {
  const headers: Record<string, string> = most ? { range: `bytes=0-${most - 1}` } : {};
  return send({ method: 'GET', path: objectPath(bucket, key), headers, service: 's3' });
}

export const parseUri = (uri: string) => {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(uri) ?? [];
  return { bucket, key };
};

/** A JSON object by its s3:// URI; null when there is none. */
export async function getJson<T>(uri: string): Promise<T | null> {
  const { bucket, key } = parseUri(uri);
  try {
    return (await (await getObject(bucket, key)).json()) as T;
  } catch (error) {
    if (error instanceof CallError && error.status === 404) return null;
    throw error;
  }
}

/** Where a browser can open or save an object, for a minute. */
export function objectUrl(bucket: string, key: string, save = false): Promise<string> {
  const more = save ? { 'response-content-disposition': `attachment; filename="${key.split('/').pop()}"` } : {};
  return presign(objectPath(bucket, key), session()!, about.region, 60, more);
}

// --- An endpoint of SageMaker ---

export async function invokeEndpoint(name: string, body: string, contentType = 'application/json', explain = false) {
  const headers: Record<string, string> = { 'content-type': contentType, accept: 'application/json' };
  if (explain) headers['x-amzn-sagemaker-enable-explanations'] = '`true`';
  return send({ method: 'POST', path: `/endpoints/${encode(name)}/invocations`, headers, body, service: 'sagemaker' });
}
