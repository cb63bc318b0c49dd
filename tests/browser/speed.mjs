// How long each view takes to open, on an engine that holds much.   BEERS=1000000 EXECUTIONS=200 node speed.mjs
import { Engine, openBrowser, openPage, signIn } from './engine.mjs';

const beers = Number(process.env.BEERS ?? 1_000_000);
const executions = Number(process.env.EXECUTIONS ?? 200);
const rounds = 5;
const limit = 500; // milliseconds
const views = ['flow', 'streams', 'buckets', 'buckets/mlops-beer-models-123456789012/', 'sql', 'pipelines', 'registry', 'predict', 'monitor', 'logs'];

/** From the click to the moment when nothing is being loaded any more, by the page's own clock. */
const open = (page, view) =>
  page.evaluate(async (name) => {
    const settled = async () => {
      do await new Promise(requestAnimationFrame);
      while (!document.querySelector('main h1') || document.querySelector('[aria-busy=true]'));
    };
    location.hash = name === 'logs' ? '#/sql' : '#/logs';
    await settled();
    await settled();
    const began = performance.now();
    location.hash = `#/${name}`;
    await new Promise((changed) => addEventListener('hashchange', changed, { once: true }));
    await settled();
    return performance.now() - began;
  }, view);

const engine = await Engine.start('--speed', '60', '--no-kinesis-limits');
try {
  await engine.fill();
  console.log(`filling: ${beers} beers, ${executions} executions`);
  await engine.ingest(beers);
  const left = Array.from({ length: executions }, (_, i) => i);
  // They end at their first step: there is nothing below that prefix.
  const start = async () => {
    while (left.pop() !== undefined) await engine.beer('train', '--set', 'CleanedDataUri=s3://mlops-beer-queries-123456789012/none/').catch(() => {});
  };
  await Promise.all([start(), start(), start()]);

  const browser = await openBrowser();
  const { page } = await openPage(browser);
  await signIn(page, engine);
  let slow = 0;
  console.log('view                                        median      worst');
  for (const view of views) {
    await open(page, view);
    const took = [];
    for (let i = 0; i < rounds; i++) took.push(await open(page, view));
    took.sort((a, b) => a - b);
    const median = took[Math.floor(rounds / 2)];
    if (median >= limit) slow++;
    console.log(`${view.padEnd(40)} ${median.toFixed(0).padStart(6)} ms  ${took.at(-1).toFixed(0).padStart(6)} ms`);
  }
  await browser.close();
  console.log(slow === 0 ? `every view opens in less than ${limit} ms` : `${slow} views take ${limit} ms or more`);
  process.exitCode = slow === 0 ? 0 : 1;
} finally {
  await engine.stop();
}
