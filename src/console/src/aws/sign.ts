// Signature Version 4 by the browser's own cryptography.

export interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
}

export interface Call {
  method: string;
  path: string; // encoded as it is sent
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
  service: string;
}

const encoder = new TextEncoder();

const hex = (bytes: ArrayBuffer) => [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, '0')).join('');

/** RFC 3986, as AWS encodes: encodeURIComponent leaves five characters more. */
export const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase());

export const encodePath = (path: string) => path.split('/').map(encode).join('/');

async function hmac(key: ArrayBuffer | Uint8Array<ArrayBuffer>, text: string): Promise<ArrayBuffer> {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return crypto.subtle.sign('HMAC', imported, encoder.encode(text));
}

const sha256 = async (bytes: Uint8Array<ArrayBuffer>) => hex(await crypto.subtle.digest('SHA-256', bytes));

const signingKeys = new Map<string, Promise<ArrayBuffer>>();

/** Of a day, region and service; the last ones are kept. */
function signingKey(keys: Keys, day: string, region: string, service: string): Promise<ArrayBuffer> {
  const name = [keys.accessKeyId, day, region, service].join('/');
  let key = signingKeys.get(name);
  if (!key) {
    key = (async () => {
      let derived = await hmac(encoder.encode('AWS4' + keys.secretAccessKey), day);
      for (const part of [region, service, 'aws4_request']) derived = await hmac(derived, part);
      return derived;
    })();
    signingKeys.set(name, key);
  }
  return key;
}

export function forgetKeys() {
  signingKeys.clear();
}

const canonicalQuery = (query: Record<string, string>) =>
  Object.entries(query)
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

const amzDate = () => new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');

async function signature(keys: Keys, region: string, service: string, date: string, canonical: string) {
  const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, await sha256(encoder.encode(canonical))].join('\n');
  return hex(await hmac(await signingKey(keys, date.slice(0, 8), region, service), text));
}

/** The URL and headers of a signed request. */
export async function sign(call: Call, keys: Keys, region: string): Promise<{ url: string; headers: Headers }> {
  const date = amzDate();
  const body = typeof call.body === 'string' ? encoder.encode(call.body) : (call.body ?? new Uint8Array());
  const hash = await sha256(body);
  const headers: Record<string, string> = { ...call.headers, host: location.host, 'x-amz-date': date };
  if (call.service === 's3') headers['x-amz-content-sha256'] = hash;
  const names = Object.keys(headers).sort();
  const query = canonicalQuery(call.query ?? {});
  // All services but S3 sign the path encoded once more.
  const path = call.service === 's3' ? call.path : encodePath(call.path);
  const canonical = [
    call.method,
    path,
    query,
    ...names.map((name) => `${name}:${headers[name]?.trim()}`),
    '',
    names.join(';'),
    hash,
  ].join('\n');
  const signed = await signature(keys, region, call.service, date, canonical);
  const scope = `${date.slice(0, 8)}/${region}/${call.service}/aws4_request`;
  const sent = new Headers();
  for (const name of names) if (name !== 'host') sent.set(name, headers[name]!);
  sent.set(
    'authorization',
    `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signed}`,
  );
  return { url: call.path + (query ? '?' + query : ''), headers: sent };
}

/** A URL that gives an object to whoever has it, for that many seconds. */
export async function presign(path: string, keys: Keys, region: string, seconds: number, more = {}): Promise<string> {
  const date = amzDate();
  const query: Record<string, string> = {
    ...more,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${keys.accessKeyId}/${date.slice(0, 8)}/${region}/s3/aws4_request`,
    'X-Amz-Date': date,
    'X-Amz-Expires': String(seconds),
    'X-Amz-SignedHeaders': 'host',
  };
  const canonical = ['GET', path, canonicalQuery(query), `host:${location.host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  query['X-Amz-Signature'] = await signature(keys, region, 's3', date, canonical);
  return `${path}?${canonicalQuery(query)}`;
}
