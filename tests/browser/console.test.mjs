// Every view of the console in a browser, on an engine with real content.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { Engine, openBrowser, openPage, openView, settled, signIn } from './engine.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const shots = process.env.SCREENSHOTS; // a folder, for whoever wants to look
const views = ['flow', 'streams', 'buckets', 'sql', 'pipelines', 'registry', 'predict', 'monitor', 'logs'];

let engine, browser, main;

before(async () => {
  engine = await Engine.start('--speed', '120', '--no-kinesis-limits');
  await engine.fill();
  browser = await openBrowser();
  main = await openPage(browser);
  await signIn(main.page, engine);
});

after(async () => {
  await browser?.close();
  await engine?.stop();
});

const text = (selector) => main.page.locator(selector).innerText();

async function shot(page, name) {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
}

test('a wrong secret is refused in words, and nothing is kept', async () => {
  const { page, context } = await openPage(browser);
  await page.goto(engine.page);
  await page.getByLabel('Access key id').fill(engine.keys.AWS_ACCESS_KEY_ID);
  await page.getByLabel('Secret access key').fill('wrong');
  await page.keyboard.press('Enter');
  assert.match(await page.getByRole('alert').innerText(), /signature/i);
  assert.equal(await page.getByLabel('Secret access key').inputValue(), '');
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  await context.close();
});

test('the secret leaves the page in no form', async () => {
  const { page, context } = await openPage(browser);
  const sent = [];
  page.on('request', (request) => sent.push(request.url(), JSON.stringify(request.headers()), request.postData() ?? ''));
  await signIn(page, engine);
  await settled(page);
  assert.ok(!sent.join('\n').includes(engine.keys.AWS_SECRET_ACCESS_KEY));
  const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }) + document.cookie + location.href);
  assert.ok(!kept.includes(engine.keys.AWS_SECRET_ACCESS_KEY));
  await context.close();
});

test('the link of `beer console` lets one in, once', async () => {
  const link = (await engine.beer('console', '--no-open')).trim();
  const { page, context } = await openPage(browser);
  await page.goto(link);
  await page.getByRole('heading', { name: 'Flow', level: 1 }).waitFor();
  assert.ok(!page.url().includes(link.split('#')[1]));
  await context.close();
  const other = await openPage(browser);
  await other.page.goto(link);
  assert.match(await other.page.getByRole('alert').innerText(), /used before/);
  await other.context.close();
});

test('signing out ends the session, for the engine too', async () => {
  const { page, context } = await openPage(browser);
  await signIn(page, engine);
  const kept = await page.evaluate(() => sessionStorage.getItem('console-session'));
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You have signed out.').waitFor();
  await page.evaluate((value) => sessionStorage.setItem('console-session', value), kept);
  await page.reload();
  await page.getByLabel('Access key id').waitFor();
  await context.close();
});

test('the flow shows every part from rule to endpoint', async () => {
  await openView(main.page, 'flow');
  const names = await main.page.locator('.node').allInnerTexts();
  for (const kind of ['rule', 'function', 'stream', 'delivery', 'bucket', 'table', 'pipeline', 'registry', 'endpoint']) {
    assert.ok(names.some((name) => name.toLowerCase().startsWith(kind)), kind);
  }
  const connections = await main.page.getByRole('region', { name: 'Connections of the flow' }).innerText();
  for (const pair of [/rule mlops-beer-extraction\s+function fn_extraction/, /function fn_extraction\s+stream mlops-beer/, /stream mlops-beer\s+delivery mlops-beer-cleaned/,
    /bucket mlops-beer-cleaned-\d+\s+table mlops_beer.cleaned/, /table mlops_beer.cleaned\s+pipeline mlops-beer/, /pipeline mlops-beer\s+registry|pipeline mlops-beer\s+group beer-ibu/, /group beer-ibu\s+endpoint beer-ibu/]) {
    assert.match(connections, pair);
  }
});

test('a stream shows its shards and its records', async () => {
  await openView(main.page, 'streams');
  assert.match(await text('main'), /of \d+ that are kept/);
  await main.page.getByRole('combobox', { name: 'From' }).selectOption({ label: 'the oldest kept' });
  await settled(main.page);
  assert.match(await main.page.getByRole('region', { name: 'Shards' }).innerText(), /shardId-000000000000/);
  assert.match(await main.page.getByRole('region', { name: 'The record', exact: true }).innerText(), /"ibu":/);
  const first = await text('.split tbody tr:first-child');
  await main.page.getByRole('button', { name: 'Later' }).click();
  await settled(main.page);
  assert.notEqual(await text('.split tbody tr:first-child'), first);
});

test('buckets show folders, and what is in Parquet, JSON, CSV and archives', async () => {
  const { page } = main;
  await openView(page, 'buckets');
  await page.getByLabel('Buckets').getByRole('link', { name: 'mlops-beer-cleaned-123456789012' }).click();
  await page.getByRole('link', { name: 'beers/' }).click();
  await page.locator('tbody a').first().click();
  await page.locator('tbody button.link').first().click();
  await settled(page);
  assert.match(await page.locator('.hint', { hasText: 'Parquet,' }).innerText(), /Parquet, \d+ rows, \d+ columns/);
  const run = /execution\/(\w+)/.exec(await engine.beer('explain'))[1];
  const models = `buckets/mlops-beer-models-123456789012/${run}`;
  const look = async (folder, name) => {
    await openView(page, `${models}/${folder}/`);
    await page.getByRole('button', { name, exact: true }).click();
    await settled(page);
  };
  await look('evaluation', 'evaluation.json');
  assert.match(await page.locator('pre.code').innerText(), /regression_metrics/);
  await look('test', 'test.csv');
  assert.ok((await page.locator('.grid tbody tr').count()) > 10);
  await openView(page, 'buckets/mlops-beer-raw-123456789012/beers/');
  while (!(await page.locator('tbody button.link').count())) {
    await page.locator('tbody a').first().click();
    await settled(page);
  }
  await page.locator('tbody button.link').first().click();
  await settled(page);
  assert.match(await page.locator('.grid thead').innerText(), /ingredients/);
});

test('SQL answers with types, timing and a chart, and says what is wrong', async () => {
  const { page } = main;
  await openView(page, 'sql');
  const editor = page.getByLabel('SQL statement');
  await editor.fill('SELECT label, count(*) AS beers FROM cleaned GROUP BY label ORDER BY beers DESC');
  await editor.press('Control+Enter');
  await page.getByRole('heading', { name: 'Result' }).waitFor();
  const head = await page.getByRole('region', { name: 'Rows of the result' }).locator('thead').innerText();
  assert.match(head, /label\s*varchar\s*beers\s*bigint/);
  assert.match(await text('main'), /\d+ rows · .* in all/);
  await page.getByRole('tab', { name: 'Rows' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('img', { name: /beers by label/ }).waitFor();
  await editor.fill('SELECT nothing FROM nowhere');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  assert.match(await page.getByRole('alert').innerText(), /nowhere/);
});

test('a pipeline shows its execution as a graph, with logs and reasons', async () => {
  const { page } = main;
  await openView(page, 'pipelines');
  assert.match(await text('main'), /mlops-beer-watching/);
  const steps = page.getByRole('group', { name: 'The steps' });
  await steps.getByRole('button', { name: /Evaluate/ }).click();
  await settled(page);
  assert.match(await page.getByRole('region', { name: 'Log' }).innerText(), /MAE/);
  await page.getByRole('tab', { name: 'Why it ran' }).click();
  assert.match(await page.getByRole('tabpanel').innerText(), /CacheConfig|cache/i);
  await page.getByRole('tab', { name: 'Job' }).click();
  await settled(page);
  assert.match(await page.getByRole('tabpanel').innerText(), /ProcessingJobName/);
});

test('the registry shows history, residuals, features and the duel', async () => {
  const { page } = main;
  await openView(page, 'registry');
  await page.getByRole('img', { name: /Errors of the versions/ }).waitFor();
  await page.getByRole('tab', { name: 'Predicted and true' }).click();
  const residuals = await page.getByRole('tabpanel').innerText();
  assert.match(residuals, /by strength/);
  await page.getByRole('tab', { name: 'Features' }).click();
  assert.ok((await page.getByRole('list', { name: 'Features by weight' }).locator('li').count()) > 5);
  await page.getByRole('tab', { name: 'Champion and challenger' }).click();
  assert.match(await page.getByRole('tabpanel').innerText(), /by the gate/);
});

test('a prediction follows its sliders', async () => {
  const { page } = main;
  await openView(page, 'predict');
  await page.getByText('What moved it').waitFor();
  const value = () => page.locator('.facts .large').innerText();
  const first = await value();
  assert.match(first, /^\d+\.\d$/);
  const slider = page.locator('.sliders input').nth(2);
  await slider.focus();
  for (let i = 0; i < 40; i++) await page.keyboard.press('ArrowUp');
  await page.waitForFunction((before) => document.querySelector('.facts .large').textContent !== before, first);
  assert.ok((await page.getByRole('list', { name: 'Contributions' }).locator('li').count()) > 3);
});

test('drift and alarms are shown, and any metric as a chart', async () => {
  const { page } = main;
  await openView(page, 'monitor');
  assert.match(await page.getByRole('region', { name: 'Alarms' }).first().innerText(), /mlops-beer-errors-extraction/);
  // The watching pipeline runs by its rule; its first report may yet be to come.
  for (let tries = 0; !(await page.getByText('MAE at training').count()); tries++) {
    assert.ok(tries < 60, 'no report on drift came');
    await new Promise((again) => setTimeout(again, 1000));
    await openView(page, 'logs');
    await openView(page, 'monitor');
  }
  assert.match(await page.getByRole('region', { name: 'Features against the baseline' }).innerText(), /the prediction\s/);
  await page.getByRole('combobox', { name: 'Namespace' }).selectOption('AWS/Kinesis');
  await page.getByRole('combobox', { name: 'Metric' }).selectOption({ label: 'IncomingRecords · mlops-beer' });
  await page.getByRole('img', { name: /IncomingRecords/ }).waitFor();
});

test('logs tell what a function said, and find words in it', async () => {
  const { page } = main;
  await openView(page, 'flow');
  await page.locator('a.node', { hasText: 'fn_transformation' }).click();
  await page.getByRole('heading', { name: '/aws/lambda/fn_transformation' }).waitFor();
  await page.getByRole('combobox', { name: 'Over' }).selectOption({ label: 'ten days' });
  await settled(page);
  assert.ok((await page.getByRole('region', { name: /Events of/ }).locator('tbody tr').count()) > 0);
  await page.getByRole('searchbox', { name: 'Words' }).fill('surelynothing');
  await page.keyboard.press('Enter');
  await page.getByText('Nothing was said in this span').waitFor();
});

test('keys alone lead through the page', async () => {
  const { page } = main;
  const focused = (what) => page.waitForFunction((wanted) => document.activeElement.textContent.startsWith(wanted) && document.activeElement !== document.body, what);
  await openView(page, 'flow');
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press('4');
  await focused('SQL');
  await page.reload();
  await page.getByRole('heading', { name: 'SQL', level: 1 }).waitFor();
  await settled(page);
  await page.keyboard.press('Tab');
  await focused('Skip to the content');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.tagName === 'H1');
  // A digit that one types leads nowhere.
  await page.getByLabel('SQL statement').focus();
  await page.keyboard.type('1');
  assert.match(await page.getByLabel('SQL statement').inputValue(), /1/);
  assert.equal(await page.locator('h1').innerText(), 'SQL');
});

for (const theme of ['light', 'dark']) {
  for (const width of [1280, 390]) {
    test(`every view at ${width} pixels, ${theme}: nothing serious for axe, nothing beside the screen`, async () => {
      const { page, heard, context } = await openPage(browser, { colorScheme: theme, viewport: { width, height: 900 } });
      await page.goto(engine.page);
      await page.getByLabel('Access key id').waitFor();
      await check(page, `sign-in ${theme} ${width}`);
      await signIn(page, engine);
      for (const view of views) {
        await openView(page, view);
        await shot(page, `${view}-${width}-${theme}`);
        await check(page, `${view} ${theme} ${width}`);
      }
      assert.deepEqual([...heard.hosts], [new URL(engine.url).host]);
      assert.deepEqual(heard.errors, []);
      await context.close();
    });
  }
}

async function check(page, where) {
  // By Playwright, not as a tag: the page's policy lets no script in.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const serious = violations.filter((one) => ['serious', 'critical'].includes(one.impact));
  assert.deepEqual(serious.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`), [], where);
  const beside = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(beside <= 0, `${where}: scrolls ${beside} pixels sideways`);
}

test('no view asked another host, and none complained', () => {
  assert.deepEqual([...main.heard.hosts], [new URL(engine.url).host]);
  assert.deepEqual(main.heard.errors.filter((error) => !/400|nowhere/.test(error)), []);
});
