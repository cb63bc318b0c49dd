// The flow as a live picture: every part there is, found by how the parts are wired, and what passes between them.
import type { ViewProps } from '../main';
import { all, engine, engineNow, get, json, listBuckets, listObjects } from '../aws/client';
import { last, metrics, sum, type MetricId, type Series } from '../aws/metrics';
import { count, duration, nameOf, time } from '../ui/format';
import { Graph, type Edge, type Node } from '../ui/graph';
import { useLoad } from '../ui/load';
import { Empty, Panel, Show, State, Table } from '../ui/parts';

const kMinutes = 15;

interface Rule { Name: string; State: string; ScheduleExpression?: string }
interface FunctionInfo { FunctionName: string; FunctionArn: string; Environment?: { Variables?: Record<string, string> }; State?: string }
interface Delivery {
  DeliveryStreamName: string;
  DeliveryStreamStatus: string;
  Source?: { KinesisStreamSourceDescription?: { KinesisStreamARN: string } };
  Destinations: { ExtendedS3DestinationDescription?: {
    BucketARN: string;
    Prefix?: string;
    ProcessingConfiguration?: { Processors?: { Parameters?: { ParameterName: string; ParameterValue: string }[] }[] };
    DataFormatConversionConfiguration?: { Enabled?: boolean };
  } }[];
}
interface GlueTable { Name: string; DatabaseName: string; StorageDescriptor?: { Location?: string } }

/** Everything there is, asked for at once where nothing depends on the answer before. */
async function discover() {
  const [rules, functions, streams, deliveries, buckets, tables, pipelines, groups, endpoints] = await Promise.all([
    json<{ Rules: Rule[] }>('events', 'ListRules').then(({ Rules }) =>
      Promise.all(Rules.map(async (rule) => ({ ...rule, targets: (await json<{ Targets: { Arn: string }[] }>('events', 'ListTargetsByRule', { Rule: rule.Name })).Targets }))),
    ),
    get<{ Functions: FunctionInfo[] }>('lambda', '/2015-03-31/functions/').then((answer) => answer.Functions),
    json<{ StreamNames: string[] }>('kinesis', 'ListStreams').then(({ StreamNames }) =>
      Promise.all(StreamNames.map(async (name) => (await json<{ StreamDescriptionSummary: { StreamName: string; StreamARN: string; StreamStatus: string; OpenShardCount: number } }>('kinesis', 'DescribeStreamSummary', { StreamName: name })).StreamDescriptionSummary)),
    ),
    json<{ DeliveryStreamNames: string[] }>('firehose', 'ListDeliveryStreams', { Limit: 50 }).then(({ DeliveryStreamNames }) =>
      Promise.all(DeliveryStreamNames.map(async (name) => (await json<{ DeliveryStreamDescription: Delivery }>('firehose', 'DescribeDeliveryStream', { DeliveryStreamName: name })).DeliveryStreamDescription)),
    ),
    listBuckets(),
    json<{ DatabaseList: { Name: string }[] }>('glue', 'GetDatabases').then(async ({ DatabaseList }) =>
      (await Promise.all(DatabaseList.map(async ({ Name }) => (await json<{ TableList: GlueTable[] }>('glue', 'GetTables', { DatabaseName: Name, MaxResults: 50 })).TableList))).flat(),
    ),
    json<{ PipelineSummaries: { PipelineName: string; PipelineArn: string }[] }>('sagemaker', 'ListPipelines', { MaxResults: 20 }).then(({ PipelineSummaries }) =>
      Promise.all(PipelineSummaries.map(async ({ PipelineName }) => {
        const [described, runs] = await Promise.all([
          json<{ PipelineDefinition: string; PipelineArn: string }>('sagemaker', 'DescribePipeline', { PipelineName }),
          json<{ PipelineExecutionSummaries: { PipelineExecutionArn: string; PipelineExecutionStatus: string; StartTime: number }[] }>('sagemaker', 'ListPipelineExecutions', { PipelineName, MaxResults: 1, SortOrder: 'Descending' }),
        ]);
        return { name: PipelineName, arn: described.PipelineArn, definition: described.PipelineDefinition, last: runs.PipelineExecutionSummaries[0] };
      })),
    ),
    json<{ ModelPackageGroupSummaryList: { ModelPackageGroupName: string }[] }>('sagemaker', 'ListModelPackageGroups', { MaxResults: 20 }).then(({ ModelPackageGroupSummaryList }) =>
      Promise.all(ModelPackageGroupSummaryList.map(async ({ ModelPackageGroupName }) => ({
        name: ModelPackageGroupName,
        newest: (await json<{ ModelPackageSummaryList: { ModelPackageVersion: number; ModelApprovalStatus: string }[] }>('sagemaker', 'ListModelPackages', { ModelPackageGroupName, MaxResults: 1, SortBy: 'CreationTime', SortOrder: 'Descending' })).ModelPackageSummaryList[0],
      }))),
    ),
    json<{ Endpoints: { EndpointName: string; EndpointStatus: string }[] }>('sagemaker', 'ListEndpoints', { MaxResults: 20 }).then(({ Endpoints }) =>
      Promise.all(Endpoints.map(async (endpoint) => ({ ...endpoint, models: await modelsOf(endpoint.EndpointName).catch(() => []) }))),
    ),
  ]);
  return { rules, functions, streams, deliveries, buckets, tables, pipelines, groups, endpoints };
}

/** The packages of the registry that an endpoint serves. */
async function modelsOf(endpoint: string): Promise<string[]> {
  const { EndpointConfigName } = await json<{ EndpointConfigName: string }>('sagemaker', 'DescribeEndpoint', { EndpointName: endpoint });
  const { ProductionVariants } = await json<{ ProductionVariants: { ModelName: string }[] }>('sagemaker', 'DescribeEndpointConfig', { EndpointConfigName });
  const models = await Promise.all(ProductionVariants.map(({ ModelName }) =>
    json<{ PrimaryContainer?: { ModelPackageName?: string }; Containers?: { ModelPackageName?: string }[] }>('sagemaker', 'DescribeModel', { ModelName })));
  return models.map((model) => model.PrimaryContainer?.ModelPackageName ?? model.Containers?.[0]?.ModelPackageName ?? '');
}

type Parts = Awaited<ReturnType<typeof discover>>;

const transformerOf = (delivery: Delivery) =>
  delivery.Destinations[0]?.ExtendedS3DestinationDescription?.ProcessingConfiguration?.Processors?.flatMap((p) => p.Parameters ?? [])
    .find((parameter) => parameter.ParameterName === 'LambdaArn')?.ParameterValue;

const functionOf = (arn: string) => /:function:([^:]+)/.exec(arn)?.[1] ?? nameOf(arn);
const bucketOf = (delivery: Delivery) => delivery.Destinations[0]?.ExtendedS3DestinationDescription?.BucketARN.split(':').pop() ?? '';

async function measure(parts: Parts) {
  const wanted: MetricId[] = [];
  const names: string[] = [];
  const want = (id: string, namespace: string, name: string, dimension: string, value: string, stat?: string) => {
    wanted.push({ namespace, name, dimensions: { [dimension]: value }, stat });
    names.push(id);
  };
  for (const { FunctionName } of parts.functions) {
    want(`${FunctionName}/calls`, 'AWS/Lambda', 'Invocations', 'FunctionName', FunctionName);
    want(`${FunctionName}/errors`, 'AWS/Lambda', 'Errors', 'FunctionName', FunctionName);
    want(`${FunctionName}/duration`, 'AWS/Lambda', 'Duration', 'FunctionName', FunctionName, 'Average');
  }
  for (const { StreamName } of parts.streams) {
    want(`${StreamName}/in`, 'AWS/Kinesis', 'IncomingRecords', 'StreamName', StreamName);
    want(`${StreamName}/age`, 'AWS/Kinesis', 'GetRecords.IteratorAgeMilliseconds', 'StreamName', StreamName, 'Maximum');
  }
  for (const { DeliveryStreamName } of parts.deliveries) {
    want(`${DeliveryStreamName}/in`, 'AWS/Firehose', 'IncomingRecords', 'DeliveryStreamName', DeliveryStreamName);
    want(`${DeliveryStreamName}/out`, 'AWS/Firehose', 'DeliveryToS3.Records', 'DeliveryStreamName', DeliveryStreamName);
    want(`${DeliveryStreamName}/success`, 'AWS/Firehose', 'DeliveryToS3.Success', 'DeliveryStreamName', DeliveryStreamName, 'Average');
    want(`${DeliveryStreamName}/age`, 'AWS/Firehose', 'DeliveryToS3.DataFreshness', 'DeliveryStreamName', DeliveryStreamName, 'Maximum');
  }
  const series = await metrics(wanted, kMinutes);
  return new Map<string, Series>(names.map((name, i) => [name, series[i]!]));
}

const rate = (series?: Series) => {
  const total = sum(series);
  return total === 0 ? '' : total / kMinutes < 1 ? `${count(total)} in ${kMinutes} min` : `${count(total / kMinutes)}/min`;
};

function draw(parts: Parts, measured: Map<string, Series>, sizes: Map<string, string>) {
  const nodes: Node[] = [];
  const edges: (Edge & { rate?: string; lag?: string; errors?: string })[] = [];
  const transformers = new Set(parts.deliveries.map(transformerOf).filter(Boolean).map((arn) => functionOf(arn!)));
  const connect = (from: string, to: string, values: { rate?: string; lag?: string; errors?: string } = {}) =>
    edges.push({ from, to, ...values, label: values.rate, under: values.lag && `lag ${values.lag}`, bad: values.errors, live: !!values.rate });

  for (const rule of parts.rules) {
    const arns = rule.targets.map((target) => target.Arn);
    const trains = arns.length > 0 && arns.every((arn) => arn.includes(':pipeline/'));
    nodes.push({ id: `rule/${rule.Name}`, kind: 'rule', name: rule.Name, note: rule.ScheduleExpression ?? 'by events', state: rule.State, column: trains ? 2 : 0, band: trains ? 1 : 0, narrow: trains ? 3.5 : 0 });
    for (const arn of arns) {
      if (arn.includes(':function:')) connect(`rule/${rule.Name}`, `function/${functionOf(arn)}`, { rate: rate(measured.get(`${functionOf(arn)}/calls`)) });
      else if (arn.includes(':pipeline/')) connect(`rule/${rule.Name}`, `pipeline/${nameOf(arn)}`);
    }
  }
  for (const { FunctionName, Environment } of parts.functions) {
    const errors = sum(measured.get(`${FunctionName}/errors`));
    const took = last(measured.get(`${FunctionName}/duration`));
    nodes.push({ id: `function/${FunctionName}`, kind: 'function', name: FunctionName, note: errors ? `${count(errors)} errors` : took !== undefined ? duration(took) : 'not called lately', state: errors ? 'error' : 'active', href: `#/logs//aws/lambda/${FunctionName}`, column: transformers.has(FunctionName) ? 3 : 1, narrow: 1 });
    const values = Object.values(Environment?.Variables ?? {});
    for (const { StreamName } of parts.streams) {
      if (values.includes(StreamName)) {
        connect(`function/${FunctionName}`, `stream/${StreamName}`, { rate: rate(measured.get(`${StreamName}/in`)), errors: errors ? `${count(errors)} errors` : '' });
      }
    }
  }
  for (const stream of parts.streams) {
    nodes.push({ id: `stream/${stream.StreamName}`, kind: 'stream', name: stream.StreamName, note: `${stream.OpenShardCount} shard${stream.OpenShardCount === 1 ? '' : 's'}`, state: stream.StreamStatus, href: `#/streams/${stream.StreamName}`, column: 2 });
  }
  for (const delivery of parts.deliveries) {
    const name = delivery.DeliveryStreamName;
    const source = delivery.Source?.KinesisStreamSourceDescription?.KinesisStreamARN;
    const transformer = transformerOf(delivery);
    const age = last(measured.get(`${name}/age`));
    const success = measured.get(`${name}/success`)?.values;
    const failed = success && success.length > 0 && Math.min(...success) < 1;
    nodes.push({ id: `delivery/${name}`, kind: 'delivery', name, note: delivery.Destinations[0]?.ExtendedS3DestinationDescription?.DataFormatConversionConfiguration?.Enabled ? 'to Parquet' : 'as it came', state: failed ? 'failed' : delivery.DeliveryStreamStatus, column: 3 });
    if (source) connect(`stream/${nameOf(source)}`, `delivery/${name}`, { rate: rate(measured.get(`${name}/in`)), lag: lagOf(last(measured.get(`${nameOf(source)}/age`)), 1) });
    if (transformer) connect(`function/${functionOf(transformer)}`, `delivery/${name}`, { rate: rate(measured.get(`${functionOf(transformer)}/calls`)) });
    connect(`delivery/${name}`, `bucket/${bucketOf(delivery)}`, { rate: rate(measured.get(`${name}/out`)), lag: lagOf(age, 1000), errors: failed ? 'failing' : '' });
  }
  // Of the buckets, those of the lake: what something is delivered to or a table reads.
  const delivered = new Set(parts.deliveries.map(bucketOf));
  const locations = parts.tables.map((table) => /^s3:\/\/([^/]+)/.exec(table.StorageDescriptor?.Location ?? '')?.[1] ?? '');
  for (const { name } of parts.buckets) {
    if (delivered.has(name) || locations.includes(name)) {
      nodes.push({ id: `bucket/${name}`, kind: 'bucket', name: name.replace(`-${engine().account}`, ''), note: sizes.get(name), href: `#/buckets/${name}`, column: 4, state: 'active' });
    }
  }
  parts.tables.forEach((table, i) => {
    const id = `table/${table.DatabaseName}.${table.Name}`;
    nodes.push({ id, kind: 'table', name: table.Name, note: table.DatabaseName, href: `#/sql/${table.DatabaseName}/${table.Name}`, column: 4, band: 1, state: 'active' });
    connect(`bucket/${locations[i]}`, id);
    for (const pipeline of parts.pipelines) {
      if (table.StorageDescriptor?.Location && pipeline.definition.includes(table.StorageDescriptor.Location.replace(/\/$/, ''))) connect(id, `pipeline/${pipeline.name}`);
    }
  });
  for (const pipeline of parts.pipelines) {
    const run = pipeline.last;
    nodes.push({ id: `pipeline/${pipeline.name}`, kind: 'pipeline', name: pipeline.name, note: run ? `${run.PipelineExecutionStatus} ${time(run.StartTime).slice(5, 16)}` : 'never run', state: run?.PipelineExecutionStatus, href: `#/pipelines/${pipeline.name}`, column: 3, band: 1 });
    for (const group of parts.groups) {
      if (/"RegisterModel"|"ModelPackageGroupName"/.test(pipeline.definition) && pipeline.definition.includes(`"${group.name}"`)) connect(`pipeline/${pipeline.name}`, `group/${group.name}`, { errors: run?.PipelineExecutionStatus === 'Failed' ? 'last run failed' : '' });
    }
  }
  for (const { name, newest } of parts.groups) {
    nodes.push({ id: `group/${name}`, kind: 'registry', name, note: newest ? `v${newest.ModelPackageVersion} ${newest.ModelApprovalStatus}` : 'no version yet', state: newest?.ModelApprovalStatus, href: `#/registry/${name}`, column: 2, band: 1 });
  }
  for (const endpoint of parts.endpoints) {
    const served = endpoint.models.map((arn) => /model-package\/([^/]+)\/(\d+)/.exec(arn));
    nodes.push({ id: `endpoint/${endpoint.EndpointName}`, kind: 'endpoint', name: endpoint.EndpointName, note: served[0] ? `serves v${served[0][2]}` : endpoint.EndpointStatus, state: endpoint.EndpointStatus, href: `#/predict/${endpoint.EndpointName}`, column: 1, band: 1 });
    for (const match of served) if (match) connect(`group/${match[1]}`, `endpoint/${endpoint.EndpointName}`);
  }
  // What is transformed stands below what isn't, its function below it and its table below its bucket;
  // rules that start pipelines stand beside those, below the registry: so the arrows cross little.
  const read = new Set(locations.map((name) => `bucket/${name}`));
  const transformed = new Set(parts.deliveries.filter(transformerOf).map((delivery) => `delivery/${delivery.DeliveryStreamName}`));
  const registering = new Set(edges.filter((edge) => edge.to.startsWith('group/')).map((edge) => edge.from));
  const depth = (node: Node) => (transformers.has(node.name) || (node.kind === 'rule' && node.band) ? 2 : transformed.has(node.id) || read.has(node.id) || (node.kind === 'pipeline' && !registering.has(node.id)) ? 1 : 0);
  nodes.sort((a, b) => depth(a) - depth(b));
  return { nodes, edges };
}

const lagOf = (value: number | undefined, factor: number) => (value === undefined ? '' : duration(value * factor));

/** How many objects a bucket of the picture holds; of more than a page only that it is more. */
async function countObjects(parts: Parts) {
  const names = new Set([...parts.deliveries.map(bucketOf), ...parts.tables.map((t) => /^s3:\/\/([^/]+)/.exec(t.StorageDescriptor?.Location ?? '')?.[1] ?? '')]);
  const sizes = new Map<string, string>();
  await Promise.all([...names].filter(Boolean).map(async (name) => {
    const page = await listObjects(name, '', { flat: true, most: 200 }).catch(() => null);
    if (page) sizes.set(name, `${page.objects.length}${page.next ? '+' : ''} objects`);
  }));
  return sizes;
}

async function loadFlow() {
  const parts = await discover();
  const [measured, sizes] = await Promise.all([measure(parts), countObjects(parts)]);
  return { parts, ...draw(parts, measured, sizes), at: engineNow() };
}

export function Flow(_: ViewProps) {
  const flow = useLoad(loadFlow, [], 5000);
  const alarms = useLoad(
    () => all(async (NextToken) => {
      const page = await json<{ MetricAlarms: { AlarmName: string; StateValue: string; StateReason: string }[]; NextToken?: string }>('cloudwatch', 'DescribeAlarms', { StateValue: 'ALARM', NextToken });
      return { items: page.MetricAlarms, next: page.NextToken };
    }),
    [], 10000,
  );
  return (
    <>
      {alarms.value?.map((alarm) => (
        <p class="error">
          <strong>{alarm.AlarmName}</strong> {alarm.StateReason} <a href="#/monitor">Alarms</a>
        </p>
      ))}
      <Panel title="Live" aside={flow.value && `${time(flow.value.at)} UTC by the engine's clock`}>
        <Show loaded={flow}>
          {({ nodes, edges }) =>
            nodes.length === 0 ? (
              <Empty>This engine is empty. <code>beer deploy</code> makes the system of beer.yaml on it, Terraform does the same.</Empty>
            ) : (
              <Graph label="The flow from rule to endpoint" nodes={nodes} edges={edges} />
            )
          }
        </Show>
      </Panel>
      {flow.value && flow.value.edges.length > 0 && (
        <Panel title="Connections" aside={`rates of the last ${kMinutes} minutes`}>
          <Table
            label="Connections of the flow"
            rows={flow.value.edges}
            columns={[
              { name: 'From', cell: (edge) => edge.from.replace('/', ' ') },
              { name: 'To', cell: (edge) => edge.to.replace('/', ' ') },
              { name: 'Rate', cell: (edge) => edge.rate || '–' },
              { name: 'Lag', cell: (edge) => edge.lag || '–' },
              { name: 'Errors', cell: (edge) => (edge.errors ? <State state="failed" /> : 'none') },
            ]}
          />
        </Panel>
      )}
    </>
  );
}
