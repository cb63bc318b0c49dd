// An engine with the whole system on it and real content in it, and a browser in front.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

const source = process.env.BEER_SOURCE_DIR ?? resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const beer = join(process.env.BEER_BIN_DIR ?? join(source, 'build/bin'), 'beer');

/** The environment without anything that points at AWS, or at another engine. */
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_')));

export class Engine {
  /** `beer up` on a folder of its own. */
  static async start(...options) {
    const engine = new Engine();
    engine.folder = mkdtempSync(join(tmpdir(), 'beer-browser-'));
    engine.data = join(engine.folder, 'data');
    // The approved model is watched every half hour, not every six, and by fewer beers.
    engine.spec = join(engine.folder, 'beer.yaml');
    const spec = readFileSync(join(source, 'beer.yaml'), 'utf8');
    writeFileSync(engine.spec, spec.replace('rate(6 hours)', 'rate(30 minutes)').replace('minimum: 50', 'minimum: 10'));
    engine.process = spawn(beer, ['up', '--data', engine.data, '--spec', engine.spec, '--listen', '127.0.0.1:0', ...options], {
      env: clean,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    engine.said = [];
    for await (const line of createInterface({ input: engine.process.stdout })) {
      engine.said.push(line);
      if (line.startsWith('ready ')) break;
    }
    engine.url = engine.said.at(-1)?.split(' ')[1];
    if (!engine.url) throw new Error('the engine did not start');
    engine.page = `${engine.url}/_engine/console`;
    const exports = await engine.beer('env');
    engine.keys = Object.fromEntries([...exports.matchAll(/export (AWS_\w+)=(\S*)/g)].map(([, name, value]) => [name, value]));
    return engine;
  }

  /** Runs `beer WORDS` on this engine, and gives what it prints. */
  async beer(...words) {
    const all = [...words, '--data', this.data, '--spec', this.spec];
    return (await promisify(execFile)(beer, all, { env: clean, cwd: this.folder, maxBuffer: 1 << 26 })).stdout;
  }

  /** So many simulated beers more, and waits until they are in the lake. */
  async ingest(beers) {
    const counted = async () => Number((await this.beer('query', '--csv', 'SELECT count(*) FROM cleaned')).split('\n')[1].replace(/\D/g, ''));
    const before = await counted();
    await this.beer('ingest', '--source', 'simulated', '--beers', String(beers));
    for (let tries = 0; (await counted()) < before + beers; tries++) {
      if (tries > 1200) throw new Error('the beers do not reach the lake');
      await new Promise((again) => setTimeout(again, 500));
    }
  }

  /** Beers, a model that serves, a second one that had to beat it: something for every view. */
  async fill() {
    await this.ingest(500);
    await this.beer('train');
    await this.beer('approve');
    await this.beer('promote');
    await this.ingest(120);
    await this.beer('train').catch((failed) => {
      if (failed.code !== 3) throw failed; // refused by the gate is as good
    });
  }

  async stop() {
    this.process.kill('SIGTERM');
    await new Promise((ended) => this.process.once('exit', ended));
    rmSync(this.folder, { recursive: true });
  }
}

export const openBrowser = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });

/** A page of its own; what it asks for, complains of and logs is kept in `heard`. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const heard = { hosts: new Set(), urls: [], errors: [] };
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && url.protocol !== 'blob:') heard.hosts.add(url.host);
    heard.urls.push(request.url());
  });
  page.on('console', (message) => message.type() === 'error' && heard.errors.push(message.text()));
  page.on('pageerror', (error) => heard.errors.push(String(error)));
  return { page, heard, context };
}

export async function signIn(page, engine) {
  await page.goto(engine.page);
  await page.getByLabel('Access key id').fill(engine.keys.AWS_ACCESS_KEY_ID);
  await page.getByLabel('Secret access key').fill(engine.keys.AWS_SECRET_ACCESS_KEY);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Flow', level: 1 }).waitFor();
}

/** Goes to a view as a click on its name would, and waits until nothing is being loaded any more. */
export async function openView(page, place) {
  await page.evaluate((hash) => (location.hash = hash), `#/${place}`);
  await settled(page);
}

export async function settled(page) {
  // Twice, since one answer may lead to the next question.
  for (let i = 0; i < 2; i++) {
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    await page.waitForFunction(() => document.querySelector('main h1') && !document.querySelector('[aria-busy=true]'));
  }
}
