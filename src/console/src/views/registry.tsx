// The registry: versions and how good they are, and of one where it errs, what moves it and whom it had to beat.
import { useMemo, useState } from 'preact/hooks';
import type { ViewProps } from '../main';
import { getJson, json, listObjects, objectUrl, parseUri } from '../aws/client';
import { Chart } from '../ui/chart';
import { fixed, nameOf, time } from '../ui/format';
import { useLoad } from '../ui/load';
import { Bars, Empty, ErrorBox, Facts, Grid, Panel, Show, State, Table, Tabs } from '../ui/parts';

const kPage = 20;

interface Listed { ModelPackageArn: string; ModelPackageVersion: number; ModelApprovalStatus: string; CreationTime: number }
interface Package extends Listed {
  ModelPackageDescription?: string;
  ModelMetrics?: { ModelQuality?: { Statistics?: { S3Uri: string } } };
  InferenceSpecification?: { Containers?: { Image: string; ModelDataUrl: string }[] };
  MetadataProperties?: { GeneratedBy?: string };
  CustomerMetadataProperties?: Record<string, string>;
}
interface Errors { mae: number; rmse: number; r2: number; spearman: number }
interface Group { name: string; rows: number; mean_label: number; bias: number; mae: number; coverage?: number }
interface Judged { id?: number; name?: string; style?: string; ibu: number; prediction: number; error: number; low?: number; high?: number }
interface Evaluation {
  regression_metrics: Record<string, { value: number; standard_deviation?: number }>;
  confidence?: Record<string, { value: number; low: number; high: number }>;
  baselines?: Record<string, Errors | null>;
  interval?: { level: number; coverage: number; mean_width: number } | null;
  residuals?: Record<string, Group[]>;
  predictions?: Judged[];
  worst?: Judged[];
  importance?: { feature: string; mean_abs_shap: number; permutation_mae: number }[];
  counts?: Record<string, number>;
  gate?: { passed: boolean; reason: string; metric: string; value: number; threshold: number; champion: Champion | null };
}
interface Champion { version: string; why_not?: string; rows?: number; families?: number; challenger?: number; champion?: number; difference?: number; low?: number; high?: number }

interface Version extends Package {
  evaluation: Evaluation | null;
}

async function describe(listed: Listed): Promise<Version> {
  const one = await json<Package>('sagemaker', 'DescribeModelPackage', { ModelPackageName: listed.ModelPackageArn });
  const uri = one.ModelMetrics?.ModelQuality?.Statistics?.S3Uri;
  return { ...one, evaluation: uri ? await getJson<Evaluation>(uri).catch(() => null) : null };
}

function History({ versions, group }: { versions: Version[]; group: string }) {
  const judged = useMemo(() => versions.filter((one) => one.evaluation?.regression_metrics?.mae).reverse(), [versions]);
  const drawn = useMemo(() => ({
    x: judged.map((_, i) => i),
    labels: judged.map((one) => `v${one.ModelPackageVersion}`),
    lines: [
      { name: 'MAE', values: judged.map((one) => one.evaluation!.regression_metrics.mae!.value) },
      { name: 'RMSE', values: judged.map((one) => one.evaluation!.regression_metrics.rmse?.value ?? null) },
      { name: 'MAE of the mean', values: judged.map((one) => one.evaluation!.baselines?.mean?.mae ?? null), kind: 'guide' as const },
    ],
  }), [judged]);
  if (judged.length === 0) return <Empty>None of these versions left an evaluation. The pipeline's Evaluate step writes evaluation.json; a package names it in its ModelMetrics.</Empty>;
  if (judged.length === 1) return <Empty>This is the first version; the history of errors begins with the second.</Empty>;
  return <Chart label={`Errors of the versions of ${group}`} {...drawn} height={200} />;
}

const kBaselines: Record<string, string> = { mean: 'always the mean', bu_gu: 'bitterness by gravity', mission_six_fields: 'six fields alone', champion: 'the champion' };

function Quality({ evaluation }: { evaluation: Evaluation }) {
  const rows = [
    { name: 'this model', errors: Object.fromEntries(Object.entries(evaluation.regression_metrics).map(([name, { value }]) => [name, value])) as unknown as Errors },
    ...Object.entries(evaluation.baselines ?? {}).flatMap(([name, errors]) => (errors ? [{ name: kBaselines[name] ?? name, errors }] : [])),
  ];
  const { confidence, interval, counts } = evaluation;
  return (
    <>
      <Facts facts={[
        ['MAE', <span class="large">{fixed(evaluation.regression_metrics.mae?.value)}</span>],
        ...(confidence?.mae ? [['95 % of resamples', `${fixed(confidence.mae.low)} to ${fixed(confidence.mae.high)}`] as [string, string]] : []),
        ['R²', <span class="large">{fixed(evaluation.regression_metrics.r2?.value)}</span>],
        ...(interval ? [[`${interval.level * 100} % interval holds`, `${fixed(interval.coverage * 100, 1)} %`] as [string, string], ['its mean width', fixed(interval.mean_width, 1)] as [string, string]] : []),
        ['judged on', `${counts?.test_rows ?? '–'} rows, trained on ${counts?.train_rows ?? '–'}`],
      ]} />
      <Table label="Against the baselines" rows={rows} columns={[
        { name: 'Model', cell: (row) => row.name },
        { name: 'MAE', cell: (row) => fixed(row.errors.mae), number: true },
        { name: 'RMSE', cell: (row) => fixed(row.errors.rmse), number: true },
        { name: 'R²', cell: (row) => fixed(row.errors.r2), number: true },
      ]} />
    </>
  );
}

/** Predicted against true, and the residuals, from the beers that were held out. */
function Residuals({ evaluation }: { evaluation: Evaluation }) {
  const drawn = useMemo(() => {
    const points = [...(evaluation.predictions ?? [])].sort((a, b) => a.ibu - b.ibu);
    const x = points.map((one) => one.ibu);
    const bins = Array.from({ length: 21 }, (_, i) => -50 + i * 5);
    const counts = bins.map((bin) => points.filter((one) => Math.min(50, Math.max(-50, Math.round(one.error / 5) * 5)) === bin).length);
    return {
      scatter: { x, lines: [{ name: 'predicted', values: points.map((one) => one.prediction), kind: 'points' as const }, { name: 'as true', values: x, kind: 'guide' as const }] },
      residual: { x, lines: [{ name: 'predicted − true', values: points.map((one) => one.error), kind: 'points' as const }, { name: 'no error', values: x.map(() => 0), kind: 'guide' as const }] },
      spread: { x: bins, lines: [{ name: 'beers', values: counts, kind: 'bars' as const }] },
      points: points.length,
    };
  }, [evaluation]);
  return (
    <>
      {drawn.points === 0 ? (
        <Empty>This evaluation tells no single predictions: it was made by another image, or before evaluations did. Train again to have them.</Empty>
      ) : (
        <div class="charts">
          <Panel title="Predicted and true" level={3}><Chart label="Predicted by true value" {...drawn.scatter} height={240} xLabel="true" /></Panel>
          <Panel title="Residuals by true value" level={3}><Chart label="Residuals by true value" {...drawn.residual} height={240} xLabel="true" /></Panel>
          <Panel title="Residuals, how many" level={3}><Chart label="How many residuals of a size" {...drawn.spread} height={240} xLabel="predicted − true" /></Panel>
        </div>
      )}
      {Object.entries(evaluation.residuals ?? {}).filter(([, groups]) => groups.length > 0).map(([name, groups]) => (
        <details open={name === 'by_strength'}>
          <summary>{name.replaceAll('_', ' ')}</summary>
          <Table label={`Residuals ${name}`} rows={groups} columns={[
            { name: 'Group', cell: (row) => row.name },
            { name: 'Rows', cell: (row) => row.rows, number: true },
            { name: 'Mean label', cell: (row) => fixed(row.mean_label, 1), number: true },
            { name: 'Bias', cell: (row) => fixed(row.bias), number: true },
            { name: 'MAE', cell: (row) => fixed(row.mae), number: true },
            { name: 'Interval holds', cell: (row) => (row.coverage === undefined ? '–' : `${fixed(row.coverage * 100, 0)} %`), number: true },
          ]} />
        </details>
      ))}
      {evaluation.worst && evaluation.worst.length > 0 && (
        <details>
          <summary>largest errors</summary>
          <Grid label="Largest errors" columns={['name', 'style', 'true', 'predicted', 'error'].map((name) => ({ name }))}
            rows={evaluation.worst.map((one) => [one.name ?? null, one.style ?? null, fixed(one.ibu, 1), fixed(one.prediction, 1), fixed(one.error, 1)])} />
        </details>
      )}
    </>
  );
}

function Features({ evaluation }: { evaluation: Evaluation }) {
  const [by, setBy] = useState<'mean_abs_shap' | 'permutation_mae'>('mean_abs_shap');
  const sorted = [...(evaluation.importance ?? [])].sort((a, b) => b[by] - a[by]).slice(0, 25);
  if (sorted.length === 0) return <Empty>This evaluation tells no contributions of features.</Empty>;
  return (
    <>
      <p class="fields">
        <label>By <select value={by} onChange={(e) => setBy(e.currentTarget.value as typeof by)}>
          <option value="mean_abs_shap">mean contribution (SHAP)</option>
          <option value="permutation_mae">MAE lost when shuffled</option>
        </select></label>
      </p>
      <Bars label="Features by weight" bars={sorted.map((one) => ({ name: one.feature, value: one[by], text: fixed(one[by]) }))} />
    </>
  );
}

function Duel({ evaluation, version, others }: { evaluation: Evaluation; version: number; others: Version[] }) {
  const champion = evaluation.gate?.champion;
  const rivals = others.filter((one) => one.ModelPackageVersion !== version && one.evaluation);
  const [against, setAgainst] = useState(String(champion?.version ?? rivals.find((one) => one.ModelApprovalStatus === 'Approved')?.ModelPackageVersion ?? rivals[0]?.ModelPackageVersion ?? ''));
  const rival = rivals.find((one) => String(one.ModelPackageVersion) === against);
  const metric = (one: Evaluation, name: string) => one.regression_metrics[name]?.value;
  return (
    <>
      {evaluation.gate && <p><State state={evaluation.gate.passed ? 'Approved' : 'Rejected'} /> by the gate: {evaluation.gate.reason}</p>}
      {champion && (champion.why_not ? <Empty>The champion (version {champion.version}) was not asked: {champion.why_not}.</Empty> : (
        <Facts facts={[
          ['champion then', `version ${champion.version}`],
          ['on the same beers', `${champion.rows} of ${champion.families} families`],
          ['challenger', fixed(champion.challenger)],
          ['champion', fixed(champion.champion)],
          ['difference', `${fixed(champion.difference)} (95 %: ${fixed(champion.low)} to ${fixed(champion.high)})`],
        ]} />
      ))}
      {rivals.length === 0 ? <Empty>There is no other version to compare with yet: <code>beer train</code> makes one.</Empty> : (
        <>
          <p class="fields"><label>Compare with <select value={against} onChange={(e) => setAgainst(e.currentTarget.value)}>{rivals.map((one) => <option value={String(one.ModelPackageVersion)}>version {one.ModelPackageVersion}, {one.ModelApprovalStatus}</option>)}</select></label></p>
          {rival?.evaluation && (
            <Table label="Side by side" rows={['mae', 'rmse', 'r2']} columns={[
              { name: 'Metric', cell: (name) => name.toUpperCase() },
              { name: `Version ${version}`, cell: (name) => fixed(metric(evaluation, name)), number: true },
              { name: `Version ${against}`, cell: (name) => fixed(metric(rival.evaluation!, name)), number: true },
              { name: 'Difference', cell: (name) => fixed((metric(evaluation, name) ?? NaN) - (metric(rival.evaluation!, name) ?? NaN)), number: true },
            ]} />
          )}
          <p class="hint">Each was judged on the beers that its own run held out, unless the gate compared them above.</p>
        </>
      )}
    </>
  );
}

function VersionView({ one, others, changed }: { one: Version; others: Version[]; changed: () => void }) {
  const [error, setError] = useState<Error>();
  const { evaluation } = one;
  const uri = one.ModelMetrics?.ModelQuality?.Statistics?.S3Uri;
  const report = useLoad(async () => {
    if (!uri) return null;
    const { bucket, key } = parseUri(uri);
    const beside = key.replace(/[^/]*$/, 'report.html');
    const { objects } = await listObjects(bucket, beside, { flat: true, most: 1 });
    return objects[0]?.key === beside ? { bucket, key: beside } : null;
  }, [uri]);
  const judge = async (status: string) => {
    setError(undefined);
    try {
      await json('sagemaker', 'UpdateModelPackage', { ModelPackageArn: one.ModelPackageArn, ModelApprovalStatus: status });
      changed();
    } catch (failed) {
      setError(failed as Error);
    }
  };
  const generated = one.MetadataProperties?.GeneratedBy;
  const run = /pipeline\/([^/]+)\/execution\/(.+)$/.exec(generated ?? '');
  return (
    <Panel title={`Version ${one.ModelPackageVersion}`} aside={
      <>
        <State state={one.ModelApprovalStatus} />
        {report.value && <button onClick={() => void objectUrl(report.value!.bucket, report.value!.key).then((url) => window.open(url, '_blank', 'noopener'))}>Report</button>}
        {one.ModelApprovalStatus !== 'Approved' && <button onClick={() => void judge('Approved')}>Approve</button>}
        {one.ModelApprovalStatus !== 'Rejected' && <button onClick={() => void judge('Rejected')}>Reject</button>}
      </>
    }>
      {error && <ErrorBox error={error} />}
      {one.ModelPackageDescription && <p>{one.ModelPackageDescription}</p>}
      <Facts facts={[
        ['Registered (UTC)', time(one.CreationTime)],
        ['Made by', run ? <a href={`#/pipelines/${run[1]}/${run[2]}`}>execution {run[2]}</a> : nameOf(generated) || '–'],
        ['Image', nameOf(one.InferenceSpecification?.Containers?.[0]?.Image)],
      ]} />
      {evaluation ? (
        <Tabs label={`About version ${one.ModelPackageVersion}`} tabs={[
          { id: 'quality', name: 'Quality', body: () => <Quality evaluation={evaluation} /> },
          { id: 'residuals', name: 'Predicted and true', body: () => <Residuals evaluation={evaluation} /> },
          { id: 'features', name: 'Features', body: () => <Features evaluation={evaluation} /> },
          { id: 'duel', name: 'Champion and challenger', body: () => <Duel key={one.ModelPackageVersion} evaluation={evaluation} version={one.ModelPackageVersion} others={others} /> },
          { id: 'settings', name: 'Settings', body: () => <Facts facts={Object.entries(one.CustomerMetadataProperties ?? {}).map(([name, value]) => [name, <code>{value}</code>])} /> },
        ]} />
      ) : <Empty>This version names no evaluation that can be read{uri ? ` (${uri})` : ''}. The pipeline's Evaluate step writes one.</Empty>}
    </Panel>
  );
}

function GroupView({ name, version }: { name: string; version?: string }) {
  const [tokens, setTokens] = useState<string[]>([]);
  const versions = useLoad(async () => {
    const page = await json<{ ModelPackageSummaryList: Listed[]; NextToken?: string }>('sagemaker', 'ListModelPackages', { ModelPackageGroupName: name, MaxResults: kPage, SortBy: 'CreationTime', SortOrder: 'Descending', NextToken: tokens.at(-1) });
    return { list: await Promise.all(page.ModelPackageSummaryList.map(describe)), next: page.NextToken };
  }, [name, tokens]);
  return (
    <Show loaded={versions}>
      {({ list, next }) => {
        if (list.length === 0) return <Empty>The group {name} holds no model yet. <code>beer train</code> registers one when its gate passes.</Empty>;
        const chosen = list.find((one) => String(one.ModelPackageVersion) === version) ?? list[0]!;
        return (
          <>
            <Panel title={name} aside={list.length > 1 && `${list.length}${next ? '+' : ''} versions`}>
              <History versions={list} group={name} />
              <Table label={`Versions of ${name}`} rows={list} current={(one) => one === chosen} columns={[
                { name: 'Version', cell: (one) => <a href={`#/registry/${name}/${one.ModelPackageVersion}`}>{one.ModelPackageVersion}</a> },
                { name: 'Approval', cell: (one) => <State state={one.ModelApprovalStatus} /> },
                { name: 'Registered (UTC)', cell: (one) => time(one.CreationTime) },
                { name: 'MAE', cell: (one) => fixed(one.evaluation?.regression_metrics.mae?.value), number: true },
                { name: 'R²', cell: (one) => fixed(one.evaluation?.regression_metrics.r2?.value), number: true },
                { name: 'Trained on', cell: (one) => one.evaluation?.counts?.train_rows ?? '–', number: true },
              ]} />
              {(tokens.length > 0 || next) && (
                <p class="pager">
                  <button disabled={tokens.length === 0} onClick={() => setTokens(tokens.slice(0, -1))}>Newer</button>
                  <button disabled={!next} onClick={() => setTokens([...tokens, next!])}>Older</button>
                </p>
              )}
            </Panel>
            <VersionView key={chosen.ModelPackageArn} one={chosen} others={list} changed={versions.reload} />
          </>
        );
      }}
    </Show>
  );
}

export function Registry({ path }: ViewProps) {
  const groups = useLoad(() => json<{ ModelPackageGroupSummaryList: { ModelPackageGroupName: string }[] }>('sagemaker', 'ListModelPackageGroups', { MaxResults: 50 }), []);
  const chosen = path[0] ?? groups.value?.ModelPackageGroupSummaryList[0]?.ModelPackageGroupName;
  return (
    <Show loaded={groups}>
      {({ ModelPackageGroupSummaryList }) => ModelPackageGroupSummaryList.length === 0 ? (
        <Empty>No group of models yet. <code>beer deploy</code> makes the one of beer.yaml.</Empty>
      ) : (
        <>
          {ModelPackageGroupSummaryList.length > 1 && (
            <nav class="chips" aria-label="Groups">
              {ModelPackageGroupSummaryList.map(({ ModelPackageGroupName }) => <a href={`#/registry/${ModelPackageGroupName}`} aria-current={ModelPackageGroupName === chosen ? 'true' : undefined}>{ModelPackageGroupName}</a>)}
            </nav>
          )}
          {chosen && <GroupView key={chosen} name={chosen} version={path[1]} />}
        </>
      )}
    </Show>
  );
}
