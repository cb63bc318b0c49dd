// The way in: an access key, which never leaves the page.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { signIn } from '../aws/session';

export function SignIn({ why, entered }: { why: string; entered: () => void }) {
  const [error, setError] = useState(why);
  const [busy, setBusy] = useState(false);
  const submit = async (event: JSX.TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const field = (name: string) => (form.elements.namedItem(name) as HTMLInputElement).value.trim();
    setBusy(true);
    setError('');
    try {
      if (!crypto.subtle) throw new Error('This browser signs nothing here: open the page as http://localhost or http://127.0.0.1.');
      await signIn(field('key'), field('secret'));
      entered();
    } catch (failed) {
      setError((failed as Error).message);
    } finally {
      setBusy(false);
      (form.elements.namedItem('secret') as HTMLInputElement).value = '';
    }
  };
  return (
    <main class="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <h1>
          <img src="/_engine/console/icon.svg" alt="" width="28" height="28" /> MLOps Beer console
        </h1>
        <p>
          Sign in with the engine's access key, as <code>beer env</code> prints it, or follow the link of <code>beer console</code>.
        </p>
        <label>
          Access key id
          <input name="key" required autocomplete="off" spellcheck={false} autofocus />
        </label>
        <label>
          Secret access key
          <input name="secret" type="password" required autocomplete="off" />
        </label>
        {error && <p class="error" role="alert">{error}</p>}
        <button class="primary" disabled={busy}>{busy ? 'Signing in…' : 'Sign in'}</button>
        <p class="hint">The secret signs one request in this page and is forgotten; it is not sent. The session ends with this tab, or after twelve hours.</p>
      </form>
    </main>
  );
}
