// The shell: signing in, the views and the way between them.
import { render, type ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { engine, loadAbout } from './aws/client';
import { onEnd, redeem, session, signOut } from './aws/session';
import './style.css';
import { SignIn } from './views/sign_in';
import { Buckets } from './views/buckets';
import { Flow } from './views/flow';
import { Logs } from './views/logs';
import { Monitor } from './views/monitor';
import { Pipelines } from './views/pipelines';
import { Predict } from './views/predict';
import { Registry } from './views/registry';
import { Sql } from './views/sql';
import { Streams } from './views/streams';

export interface ViewProps {
  path: string[]; // what stands behind the view's name in the address, decoded
}

const kViews: { id: string; name: string; view: ComponentType<ViewProps> }[] = [
  { id: 'flow', name: 'Flow', view: Flow },
  { id: 'streams', name: 'Streams', view: Streams },
  { id: 'buckets', name: 'Buckets', view: Buckets },
  { id: 'sql', name: 'SQL', view: Sql },
  { id: 'pipelines', name: 'Pipelines', view: Pipelines },
  { id: 'registry', name: 'Registry', view: Registry },
  { id: 'predict', name: 'Predict', view: Predict },
  { id: 'monitor', name: 'Drift & alarms', view: Monitor },
  { id: 'logs', name: 'Logs', view: Logs },
];

/** "#/streams/beers" → ["streams", "beers"]; views are below "#/", so a link's word is none of them. */
const route = () =>
  location.hash.startsWith('#/')
    ? location.hash
        .slice(2)
        .split('/')
        .map((part) => decodeURIComponent(part))
    : [];

const kThemes = ['auto', 'light', 'dark'] as const;

function applyTheme(theme: string) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function Shell() {
  const [at, setAt] = useState(route);
  const [theme, setTheme] = useState(() => localStorage.getItem('theme') ?? 'auto');
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const follow = () => setAt(route());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  useEffect(() => {
    applyTheme(theme);
    localStorage.setItem('theme', theme);
  }, [theme]);
  const chosen = kViews.find((view) => view.id === at[0]) ?? kViews[0]!;
  const first = useRef(true);
  useEffect(() => {
    document.title = `${chosen.name} · MLOps Beer`;
    if (!first.current) heading.current?.focus();
    first.current = false;
  }, [chosen.id]);
  useEffect(() => {
    // Digits lead to the views, unless one is typing.
    const keys = (event: KeyboardEvent) => {
      const typing = /^(INPUT|TEXTAREA|SELECT)$/.test((event.target as HTMLElement).tagName);
      const view = kViews[Number(event.key) - 1];
      if (!typing && view && !event.ctrlKey && !event.metaKey && !event.altKey) location.hash = `#/${view.id}`;
    };
    addEventListener('keydown', keys);
    return () => removeEventListener('keydown', keys);
  }, []);
  const View = chosen.view;
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), heading.current?.focus())}>
        Skip to the content
      </a>
      <header class="top">
        <span class="brand">
          <img src="/_engine/console/icon.svg" alt="" width="20" height="20" /> MLOps Beer
        </span>
        <nav aria-label="Views">
          {kViews.map((view, i) => (
            <a href={`#/${view.id}`} aria-current={view === chosen ? 'page' : undefined} title={`Key ${i + 1}`}>
              {view.name}
            </a>
          ))}
        </nav>
        <span class="engine">
          {engine().account} · {engine().region}
          {engine().speed !== 1 && ` · ×${engine().speed}`}
        </span>
        <select aria-label="Theme" value={theme} onChange={(event) => setTheme(event.currentTarget.value)}>
          {kThemes.map((name) => (
            <option value={name}>{name}</option>
          ))}
        </select>
        <button class="quiet" onClick={() => void signOut()}>Sign out</button>
      </header>
      <main id="main">
        <h1 tabIndex={-1} ref={heading}>{chosen.name}</h1>
        <View key={chosen.id} path={at.slice(1)} />
      </main>
    </>
  );
}

function App() {
  const [state, setState] = useState<'starting' | 'out' | 'in'>('starting');
  const [why, setWhy] = useState('');
  const enter = async () => {
    try {
      await loadAbout();
      setState('in');
    } catch (error) {
      setWhy((error as Error).message);
      setState('out');
    }
  };
  useEffect(() => {
    onEnd((reason) => {
      setWhy(reason);
      setState('out');
    });
    const word = /^#([0-9a-f]{32})$/.exec(location.hash)?.[1];
    void (async () => {
      if (word) {
        history.replaceState(null, '', location.pathname); // it is used up, and nobody's to see
        try {
          await redeem(word);
        } catch (error) {
          setWhy((error as Error).message);
        }
      }
      if (session()) await enter();
      else setState('out');
    })();
  }, []);
  if (state === 'starting') return <p class="loading" aria-busy="true">Loading…</p>;
  return state === 'in' ? <Shell /> : <SignIn why={why} entered={() => void enter()} />;
}

applyTheme(localStorage.getItem('theme') ?? 'auto');
render(<App />, document.getElementById('app')!);
