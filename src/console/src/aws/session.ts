// Who is signed in: keys that the engine made for this tab, kept in it and nowhere else.
import { forgetKeys, sign, type Keys } from './sign';

export interface Session extends Keys {
  until: number; // epoch milliseconds
}

const kPlace = 'console-session';
const kPage = '/_engine/console';

/** What the engine refused, in its words. */
export class CallError extends Error {
  constructor(
    public code: string,
    message: string,
    public status: number,
  ) {
    super(message);
  }
}

let current: Session | null = read();
let listener: (why: string) => void = () => {};

function read(): Session | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(kPlace) ?? 'null') as Session | null;
    return kept && kept.until > Date.now() ? kept : null;
  } catch {
    return null;
  }
}

function keep(session: Session | null) {
  current = session;
  if (session) sessionStorage.setItem(kPlace, JSON.stringify(session));
  else sessionStorage.removeItem(kPlace);
}

export const session = () => current;

/** Told when the session has ended: by whom, in a sentence. */
export function onEnd(told: (why: string) => void) {
  listener = told;
}

export function dropSession(why: string) {
  if (!current) return;
  keep(null);
  forgetKeys();
  listener(why);
}

async function answer(response: Response): Promise<Session> {
  const body = (await response.json().catch(() => ({}))) as Session & { message?: string; Message?: string };
  if (response.ok) return body;
  throw new CallError('Refused', body.message ?? body.Message ?? `The engine answered ${response.status}.`, response.status);
}

/** Opens a session by an access key. The secret signs one request and is forgotten: it is never sent. */
export async function signIn(accessKeyId: string, secretAccessKey: string) {
  const call = { method: 'POST', path: `${kPage}/session`, service: 'console' };
  const { url, headers } = await sign(call, { accessKeyId, secretAccessKey }, 'us-east-1');
  forgetKeys();
  keep(await answer(await fetch(url, { method: 'POST', headers })));
}

/** Opens a session by the word of a link that `beer console` printed. */
export async function redeem(word: string) {
  keep(await answer(await fetch(`${kPage}/redeem`, { method: 'POST', body: word })));
}

export async function signOut() {
  if (!current) return;
  const { url, headers } = await sign({ method: 'DELETE', path: `${kPage}/session`, service: 'console' }, current, 'us-east-1');
  await fetch(url, { method: 'DELETE', headers }).catch(() => undefined);
  dropSession('You have signed out.');
}
