// Pipelines: executions, the graph of one, and of a step its logs and why it ran.
import { useMemo, useState } from 'preact/hooks';
import type { ViewProps } from '../main';
import { get, json } from '../aws/client';
import { duration, nameOf, time } from '../ui/format';
import { Graph, type Edge, type Node } from '../ui/graph';
import { useLoad } from '../ui/load';
import { Code, Empty, ErrorBox, Facts, Panel, Show, State, Table, Tabs } from '../ui/parts';

interface Run { PipelineExecutionArn: string; PipelineExecutionDisplayName?: string; PipelineExecutionStatus: string; StartTime: number; PipelineExecutionFailureReason?: string }
interface Step {
  StepName: string;
  StepStatus: string;
  StartTime?: number;
  EndTime?: number;
  FailureReason?: string;
  AttemptCount?: number;
  CacheHitResult?: { SourcePipelineExecutionArn: string };
  Metadata?: { [kind: string]: { Arn?: string; Outcome?: string } };
}
interface Defined { Name: string; Type: string; DependsOn?: string[]; Arguments?: unknown; IfSteps?: Defined[]; ElseSteps?: Defined[] }
interface Explained { Step: string; Type: string; Cache: string; Why: string; Source?: string; Changes?: { What: string; Before?: unknown; After?: unknown }[] }

/** Steps of branches stand behind the condition that leads to them. */
function flatten(steps: Defined[], under?: string): (Defined & { under?: string })[] {
  return steps.flatMap((step) => {
    const inside = step.Arguments as { IfSteps?: Defined[]; ElseSteps?: Defined[] } | undefined;
    const branches = [...(inside?.IfSteps ?? []), ...(inside?.ElseSteps ?? [])];
    return [{ ...step, under }, ...flatten(branches, step.Name)];
  });
}

/** Who waits for whom: by DependsOn, by branch, and by every mention of another step's properties. */
function arrows(steps: ReturnType<typeof flatten>): Edge[] {
  const edges: Edge[] = [];
  for (const step of steps) {
    const from = new Set<string>(step.DependsOn ?? []);
    if (step.under) from.add(step.under);
    const own = step.Type === 'Condition' ? { ...(step.Arguments as object), IfSteps: undefined, ElseSteps: undefined } : step.Arguments;
    for (const [, name] of JSON.stringify(own ?? {}).matchAll(/"Steps\.([\w-]+)\./g)) from.add(name!);
    for (const [, name] of JSON.stringify(own ?? {}).matchAll(/"Std:JsonGet":\{[^}]*"Steps\.([\w-]+)/g)) from.add(name!);
    for (const name of from) if (name !== step.Name && steps.some((one) => one.Name === name)) edges.push({ from: name, to: step.Name });
  }
  // An arrow that others make already says nothing new.
  const reaches = (from: string, to: string): boolean => edges.some((e) => e.from === from && (e.to === to || reaches(e.to, to)));
  return edges.filter((edge) => !edges.some((other) => other.from === edge.from && other.to !== edge.to && reaches(other.to, edge.to)));
}

function picture(definition: string, steps: Step[]) {
  const defined = flatten((JSON.parse(definition) as { Steps: Defined[] }).Steps);
  const edges = arrows(defined);
  const columns = new Map<string, number>();
  const columnOf = (name: string): number => {
    if (!columns.has(name)) {
      columns.set(name, 0);
      columns.set(name, Math.max(-1, ...edges.filter((edge) => edge.to === name).map((edge) => columnOf(edge.from))) + 1);
    }
    return columns.get(name)!;
  };
  const nodes = defined.map((step): Node => {
    const ran = steps.find((one) => one.StepName === step.Name);
    const note = !ran ? 'not reached' : ran.CacheHitResult ? 'from the cache' : (ran.Metadata?.Condition?.Outcome ?? (ran.EndTime && ran.StartTime ? `${ran.StepStatus} · ${duration((ran.EndTime - ran.StartTime) * 1000)}` : ran.StepStatus));
    return { id: step.Name, kind: step.Type, name: step.Name, note, state: ran?.StepStatus, column: columnOf(step.Name) };
  });
  return { nodes, edges: edges.map((edge) => ({ ...edge, live: steps.find((one) => one.StepName === edge.to)?.StepStatus === 'Executing' })) };
}

const kGroups: Record<string, string> = { TrainingJob: 'TrainingJobs', ProcessingJob: 'ProcessingJobs', TransformJob: 'TransformJobs', QualityCheck: 'ProcessingJobs' };

function jobOf(step: Step) {
  for (const [kind, { Arn }] of Object.entries(step.Metadata ?? {})) if (Arn) return { kind, arn: Arn, name: nameOf(Arn) };
  return undefined;
}

/** The last lines of a step's job. Stream names keep the case of the job's name, ARNs are lower case. */
async function logs(step: Step): Promise<string[]> {
  const job = jobOf(step);
  const group = job && kGroups[job.kind];
  if (!job || !group) return [];
  const logGroupName = `/aws/sagemaker/${group}`;
  const prefix = job.name.split('-').slice(0, 2).join('-');
  const { logStreams } = await json<{ logStreams: { logStreamName: string }[] }>('logs', 'DescribeLogStreams', { logGroupName, logStreamNamePrefix: prefix, limit: 50 });
  const own = logStreams.filter((stream) => stream.logStreamName.toLowerCase().startsWith(job.name.toLowerCase() + '/'));
  const pages = await Promise.all(own.map(({ logStreamName }) =>
    json<{ events: { timestamp: number; message: string }[] }>('logs', 'GetLogEvents', { logGroupName, logStreamName, limit: 500 })));
  return pages.flatMap((page) => page.events).map((event) => `${time(event.timestamp).slice(11)}  ${event.message.trimEnd()}`);
}

const kDescribe: Record<string, [string, string]> = {
  TrainingJob: ['DescribeTrainingJob', 'TrainingJobName'],
  ProcessingJob: ['DescribeProcessingJob', 'ProcessingJobName'],
  TransformJob: ['DescribeTransformJob', 'TransformJobName'],
};

function StepView({ step, explained }: { step: Step; explained?: Explained }) {
  const job = jobOf(step);
  const lines = useLoad(() => logs(step), [step.StepName, step.StepStatus], step.StepStatus === 'Executing' ? 2000 : 0);
  const details = useLoad(async () => {
    const [operation, member] = kDescribe[job?.kind ?? ''] ?? [];
    return operation && job ? json<object>('sagemaker', operation, { [member!]: job.name }) : null;
  }, [step.StepName, step.StepStatus]);
  const model = /model-package\/([^/]+)\/(\d+)$/.exec(job?.arn ?? '');
  return (
    <Panel title={step.StepName} aside={<State state={step.StepStatus} />}>
      <Facts facts={[
        ['Started (UTC)', time(step.StartTime)],
        ['Took', step.StartTime && step.EndTime ? duration((step.EndTime - step.StartTime) * 1000) : 'still at it'],
        ['Attempts', (step.AttemptCount ?? 0) + 1],
        ...(step.Metadata?.Condition ? [['Outcome', step.Metadata.Condition.Outcome] as [string, string]] : []),
        ...(model ? [['Made', <a href={`#/registry/${model[1]}/${model[2]}`}>{model[1]} version {model[2]}</a>] as [string, preact.ComponentChildren]] : job ? [[job.kind, job.name] as [string, string]] : []),
      ]} />
      {step.FailureReason && <p class="error"><strong>Failed</strong> {step.FailureReason}</p>}
      <Tabs label={`About ${step.StepName}`} tabs={[
        { id: 'logs', name: 'Logs', body: () => (
          <Show loaded={lines}>{(value) => value.length === 0 ? <Empty>{job && kGroups[job.kind] ? 'The job has written nothing, or not yet.' : 'A step of this kind runs no program, so it has no log.'}</Empty> : <Code label="Log" text={value.join('\n')} />}</Show>
        ) },
        { id: 'cache', name: 'Why it ran', body: () => explained ? (
          <>
            <p><State state={explained.Cache} /> {explained.Why}{explained.Source && <> (compared with execution {nameOf(explained.Source)})</>}</p>
            {explained.Changes && explained.Changes.length > 0 && (
              <Table label="What changed" rows={explained.Changes} columns={[
                { name: 'What', cell: (change) => change.What },
                { name: 'Before', cell: (change) => String(change.Before ?? '(none)'), wrap: true },
                { name: 'Now', cell: (change) => String(change.After ?? '(none)'), wrap: true },
              ]} />
            )}
          </>
        ) : <Empty>Steps of this kind are always taken: SageMaker caches jobs alone.</Empty> },
        { id: 'details', name: 'Job', body: () => <Show loaded={details}>{(value) => value ? <Code label="The job as SageMaker describes it" text={JSON.stringify(value, null, 2)} /> : <Empty>No job of its own stands behind this step.</Empty>}</Show> },
      ]} />
    </Panel>
  );
}

function Execution({ arn }: { arn: string }) {
  const [picked, pick] = useState('');
  const [busy, setBusy] = useState(true);
  const loaded = useLoad(async () => {
    const [run, steps, definition, explained, parameters] = await Promise.all([
      json<{ PipelineExecutionStatus: string; FailureReason?: string; CreationTime: number; LastModifiedTime: number }>('sagemaker', 'DescribePipelineExecution', { PipelineExecutionArn: arn }),
      json<{ PipelineExecutionSteps: Step[] }>('sagemaker', 'ListPipelineExecutionSteps', { PipelineExecutionArn: arn, MaxResults: 100, SortOrder: 'Ascending' }),
      json<{ PipelineDefinition: string }>('sagemaker', 'DescribePipelineDefinitionForExecution', { PipelineExecutionArn: arn }),
      get<{ Steps: Explained[] }>('console', '/_engine/explain', { execution: arn }).catch(() => ({ Steps: [] as Explained[] })),
      json<{ PipelineParameters: { Name: string; Value: string }[] }>('sagemaker', 'ListPipelineParametersForExecution', { PipelineExecutionArn: arn, MaxResults: 50 }),
    ]);
    setBusy(run.PipelineExecutionStatus === 'Executing' || run.PipelineExecutionStatus === 'Stopping');
    return { run, steps: steps.PipelineExecutionSteps, definition: definition.PipelineDefinition, explained: explained.Steps, parameters: parameters.PipelineParameters };
  }, [arn], busy ? 1500 : 0);
  const value = loaded.value;
  const drawn = useMemo(() => (value ? picture(value.definition, value.steps) : undefined), [value]);
  const step = value?.steps.find((one) => one.StepName === picked) ?? value?.steps.find((one) => one.StepStatus === 'Failed') ?? value?.steps.at(-1);
  return (
    <Show loaded={loaded}>
      {({ run, parameters, explained }) => (
        <>
          <Panel title={`Execution ${nameOf(arn)}`} aside={<><State state={run.PipelineExecutionStatus} /> {time(run.CreationTime)} UTC · {duration((run.LastModifiedTime - run.CreationTime) * 1000)}</>}>
            {run.FailureReason && <p class="error"><strong>Failed</strong> {run.FailureReason}</p>}
            {drawn && <Graph label="The steps" nodes={drawn.nodes} edges={drawn.edges} picked={step?.StepName} onPick={pick} />}
            {parameters.length > 0 && (
              <details>
                <summary>Parameters that were set ({parameters.length})</summary>
                <Facts facts={parameters.map(({ Name, Value }) => [Name, <code>{Value}</code>])} />
              </details>
            )}
          </Panel>
          {picked && !value?.steps.some((one) => one.StepName === picked) && <Empty>{picked} was not reached in this execution.</Empty>}
          {step && <StepView key={step.StepName} step={step} explained={explained.find((one) => one.Step === step.StepName)} />}
        </>
      )}
    </Show>
  );
}

function Pipeline({ name, id }: { name: string; id?: string }) {
  const [tokens, setTokens] = useState<string[]>([]);
  const [error, setError] = useState<Error>();
  const runs = useLoad(
    () => json<{ PipelineExecutionSummaries: Run[]; NextToken?: string }>('sagemaker', 'ListPipelineExecutions', { PipelineName: name, MaxResults: 12, SortBy: 'CreationTime', SortOrder: 'Descending', NextToken: tokens.at(-1) }),
    [name, tokens], 5000,
  );
  const chosen = id ? runs.value?.PipelineExecutionSummaries.find((run) => nameOf(run.PipelineExecutionArn) === id)?.PipelineExecutionArn : runs.value?.PipelineExecutionSummaries[0]?.PipelineExecutionArn;
  const [shown, setShown] = useState('');
  if (chosen && chosen !== shown) setShown(chosen);
  const start = async () => {
    setError(undefined);
    try {
      await json('sagemaker', 'StartPipelineExecution', { PipelineName: name, ClientRequestToken: crypto.randomUUID() });
      location.hash = `#/pipelines/${name}`;
      runs.reload();
    } catch (failed) {
      setError(failed as Error);
    }
  };
  return (
    <>
      <Panel title={name} aside={<button onClick={() => void start()}>Start an execution</button>}>
        {error && <ErrorBox error={error} />}
        <Show loaded={runs}>
          {(value) => (
            <>
              <Table label="Executions" rows={value.PipelineExecutionSummaries} current={(run) => run.PipelineExecutionArn === shown}
                empty={<>It has never run. Start an execution here or by <code>beer train</code>; it needs beers in the lake: <code>beer ingest --source simulated</code>.</>}
                columns={[
                  { name: 'Execution', cell: (run) => <a href={`#/pipelines/${name}/${nameOf(run.PipelineExecutionArn)}`}>{nameOf(run.PipelineExecutionArn)}</a> },
                  { name: 'State', cell: (run) => <State state={run.PipelineExecutionStatus} /> },
                  { name: 'Started (UTC)', cell: (run) => time(run.StartTime) },
                  { name: '', cell: (run) => run.PipelineExecutionFailureReason ?? '', wrap: true },
                ]} />
              {(tokens.length > 0 || value.NextToken) && (
                <p class="pager">
                  <button disabled={tokens.length === 0} onClick={() => setTokens(tokens.slice(0, -1))}>Newer</button>
                  <button disabled={!value.NextToken} onClick={() => setTokens([...tokens, value.NextToken!])}>Older</button>
                </p>
              )}
            </>
          )}
        </Show>
      </Panel>
      {shown && <Execution key={shown} arn={shown} />}
    </>
  );
}

export function Pipelines({ path }: ViewProps) {
  const pipelines = useLoad(() => json<{ PipelineSummaries: { PipelineName: string }[] }>('sagemaker', 'ListPipelines', { MaxResults: 50, SortBy: 'Name', SortOrder: 'Ascending' }), []);
  const chosen = path[0] ?? pipelines.value?.PipelineSummaries[0]?.PipelineName;
  return (
    <Show loaded={pipelines}>
      {({ PipelineSummaries }) => PipelineSummaries.length === 0 ? (
        <Empty>No pipeline yet. <code>beer deploy</code> makes the one of beer.yaml.</Empty>
      ) : (
        <>
          {PipelineSummaries.length > 1 && (
            <nav class="chips" aria-label="Pipelines">
              {PipelineSummaries.map(({ PipelineName }) => <a href={`#/pipelines/${PipelineName}`} aria-current={PipelineName === chosen ? 'true' : undefined}>{PipelineName}</a>)}
            </nav>
          )}
          {chosen && <Pipeline key={chosen} name={chosen} id={path[1]} />}
        </>
      )}
    </Show>
  );
}
