# A role for each part, allowed what the part does. "*" stands only where AWS knows no ARN for an action:
# ecr:GetAuthorizationToken and cloudwatch:PutMetricData.

locals {
  arn = {
    stream         = "arn:aws:kinesis:${local.region}:${local.account}:stream/${local.system.stream.name}"
    transformation = "arn:aws:lambda:${local.region}:${local.account}:function:${local.system.functions.transformation.name}"
    catalog        = "arn:aws:glue:${local.region}:${local.account}:catalog"
    database       = "arn:aws:glue:${local.region}:${local.account}:database/${local.system.table.database}"
    table          = "arn:aws:glue:${local.region}:${local.account}:table/${local.system.table.database}/${local.system.table.name}"
    workgroup      = "arn:aws:athena:${local.region}:${local.account}:workgroup/${local.system.queries.workgroup}"
    repository     = "arn:aws:ecr:${local.region}:${local.account}:repository/${local.system.training.repository}"
    xgboost        = "arn:aws:ecr:${local.region}:*:repository/sagemaker-xgboost" # in an account of AWS's
    sagemaker      = "arn:aws:sagemaker:${local.region}:${local.account}"
    pipeline_role  = "arn:aws:iam::${local.account}:role/${local.system.roles.pipeline}"
    bucket         = { for key, name in local.buckets : key => "arn:aws:s3:::${name}" }
    logs = merge(
      { for key, name in local.logs : key => "arn:aws:logs:${local.region}:${local.account}:log-group:${name}:*" },
      { sagemaker = "arn:aws:logs:${local.region}:${local.account}:log-group:/aws/sagemaker/*" },
    )
  }

  read_bucket  = ["s3:GetBucketLocation", "s3:ListBucket", "s3:GetObject"]
  write_bucket = concat(local.read_bucket, ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListBucketMultipartUploads"])
  write_logs   = ["logs:CreateLogStream", "logs:PutLogEvents"]

  # What every container of SageMaker needs: its image, its metrics and its log.
  container_statements = [
    { Effect = "Allow", Action = ["ecr:GetAuthorizationToken"], Resource = ["*"] },
    {
      Effect   = "Allow"
      Action   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"]
      Resource = [local.arn.repository, local.arn.xgboost]
    },
    {
      Effect    = "Allow"
      Action    = ["cloudwatch:PutMetricData"]
      Resource  = ["*"]
      Condition = { StringLike = { "cloudwatch:namespace" = "/aws/sagemaker/*" } }
    },
    {
      Effect   = "Allow"
      Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = [local.arn.logs.sagemaker]
    },
  ]

  # Who may take a role on.
  trust = {
    for service in ["lambda", "firehose", "sagemaker", "events"] : service => jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Service = "${service}.amazonaws.com" }
        Action    = "sts:AssumeRole"
      }]
    })
  }
}

# fn_extraction puts beers on the stream.
resource "aws_iam_role" "extraction" {
  name               = local.system.roles.extraction
  assume_role_policy = local.trust["lambda"]
}

resource "aws_iam_role_policy" "extraction" {
  name = "access"
  role = aws_iam_role.extraction.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["kinesis:PutRecord", "kinesis:PutRecords"], Resource = [local.arn.stream] },
      { Effect = "Allow", Action = local.write_logs, Resource = [local.arn.logs.extraction] },
    ]
  })
}

# fn_transformation is given records and gives records: it only logs.
resource "aws_iam_role" "transformation" {
  name               = local.system.roles.transformation
  assume_role_policy = local.trust["lambda"]
}

resource "aws_iam_role_policy" "transformation" {
  name = "access"
  role = aws_iam_role.transformation.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = local.write_logs, Resource = [local.arn.logs.transformation] }]
  })
}

# The deliveries read the stream, have records transformed, read the table's columns and write two buckets.
resource "aws_iam_role" "delivery" {
  name               = local.system.roles.delivery
  assume_role_policy = local.trust["firehose"]
}

resource "aws_iam_role_policy" "delivery" {
  name = "access"
  role = aws_iam_role.delivery.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords", "kinesis:ListShards"]
        Resource = [local.arn.stream]
      },
      { Effect = "Allow", Action = local.write_bucket, Resource = [local.arn.bucket.raw, "${local.arn.bucket.raw}/*"] },
      { Effect = "Allow", Action = local.write_bucket, Resource = [local.arn.bucket.cleaned, "${local.arn.bucket.cleaned}/*"] },
      {
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction", "lambda:GetFunctionConfiguration"]
        Resource = [local.arn.transformation, "${local.arn.transformation}:*"]
      },
      {
        Effect   = "Allow"
        Action   = ["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"]
        Resource = [local.arn.catalog, local.arn.database, local.arn.table]
      },
      { Effect = "Allow", Action = local.write_logs, Resource = [local.arn.logs.delivery] },
    ]
  })
}

# The pipeline runs its jobs in this role, reads the cleaned beers and writes models.
resource "aws_iam_role" "pipeline" {
  name               = local.system.roles.pipeline
  assume_role_policy = local.trust["sagemaker"]
}

resource "aws_iam_role_policy" "pipeline" {
  name = "access"
  role = aws_iam_role.pipeline.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Effect = "Allow", Action = local.read_bucket, Resource = [local.arn.bucket.cleaned, "${local.arn.bucket.cleaned}/*"] },
      { Effect = "Allow", Action = local.write_bucket, Resource = [local.arn.bucket.models, "${local.arn.bucket.models}/*"] },
      {
        Effect = "Allow"
        Action = [
          "sagemaker:CreateProcessingJob", "sagemaker:DescribeProcessingJob", "sagemaker:StopProcessingJob",
          "sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob", "sagemaker:StopTrainingJob", "sagemaker:AddTags",
        ]
        Resource = ["${local.arn.sagemaker}:processing-job/pipelines-*", "${local.arn.sagemaker}:training-job/pipelines-*"]
      },
      {
        Effect = "Allow"
        Action = [
          "sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage", "sagemaker:CreateModelPackageGroup",
          "sagemaker:DescribeModelPackageGroup", "sagemaker:AddTags",
        ]
        Resource = [
          "${local.arn.sagemaker}:model-package-group/${local.system.registry.group}",
          "${local.arn.sagemaker}:model-package/${local.system.registry.group}/*",
        ]
      },
      { Effect = "Allow", Action = ["iam:PassRole"], Resource = [local.arn.pipeline_role] },
    ], local.container_statements)
  })
}

# An endpoint's container reads its model.
resource "aws_iam_role" "serving" {
  name               = local.system.roles.serving
  assume_role_policy = local.trust["sagemaker"]
}

resource "aws_iam_role_policy" "serving" {
  name = "access"
  role = aws_iam_role.serving.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      { Effect = "Allow", Action = local.read_bucket, Resource = [local.arn.bucket.models, "${local.arn.bucket.models}/*"] },
    ], local.container_statements)
  })
}

# The rules that train and that watch start their pipelines.
resource "aws_iam_role" "retraining" {
  name               = local.system.roles.retraining
  assume_role_policy = local.trust["events"]
}

resource "aws_iam_role_policy" "retraining" {
  name = "access"
  role = aws_iam_role.retraining.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = ["sagemaker:StartPipelineExecution"]
      Resource = [
        "${local.arn.sagemaker}:pipeline/${local.system.training.pipeline}",
        "${local.arn.sagemaker}:pipeline/${local.system.watching.pipeline}",
      ]
    }]
  })
}

# Who sits at the notebook asks the table, follows and starts the pipeline, reads the registry and asks the endpoint.
resource "aws_iam_role" "notebook" {
  count              = var.notebook ? 1 : 0
  name               = local.system.roles.notebook
  assume_role_policy = local.trust["sagemaker"]
}

resource "aws_iam_role_policy" "notebook" {
  count = var.notebook ? 1 : 0
  name  = "access"
  role  = aws_iam_role.notebook[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = local.read_bucket
        Resource = flatten([
          for key in ["raw", "cleaned", "models"] : [local.arn.bucket[key], "${local.arn.bucket[key]}/*"]
        ])
      },
      { Effect = "Allow", Action = local.write_bucket, Resource = [local.arn.bucket.queries, "${local.arn.bucket.queries}/*"] },
      {
        Effect = "Allow"
        Action = [
          "athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults", "athena:StopQueryExecution",
          "athena:GetWorkGroup", "athena:ListNamedQueries", "athena:GetNamedQuery", "athena:BatchGetNamedQuery",
        ]
        Resource = [local.arn.workgroup]
      },
      {
        Effect   = "Allow"
        Action   = ["glue:GetDatabase", "glue:GetDatabases", "glue:GetTable", "glue:GetTables", "glue:GetPartitions"]
        Resource = [local.arn.catalog, local.arn.database, local.arn.table]
      },
      {
        Effect = "Allow"
        Action = [
          "sagemaker:DescribePipeline", "sagemaker:StartPipelineExecution", "sagemaker:ListPipelineExecutions",
          "sagemaker:DescribePipelineExecution", "sagemaker:ListPipelineExecutionSteps",
        ]
        Resource = [
          "${local.arn.sagemaker}:pipeline/${local.system.training.pipeline}",
          "${local.arn.sagemaker}:pipeline/${local.system.training.pipeline}/execution/*",
        ]
      },
      {
        Effect = "Allow"
        Action = [
          "sagemaker:DescribeModelPackageGroup", "sagemaker:ListModelPackages", "sagemaker:DescribeModelPackage",
        ]
        Resource = [
          "${local.arn.sagemaker}:model-package-group/${local.system.registry.group}",
          "${local.arn.sagemaker}:model-package/${local.system.registry.group}/*",
        ]
      },
      { Effect = "Allow", Action = ["sagemaker:DescribeProcessingJob"], Resource = ["${local.arn.sagemaker}:processing-job/pipelines-*"] },
      {
        Effect = "Allow"
        Action = ["sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel", "sagemaker:InvokeEndpoint"]
        Resource = [
          "${local.arn.sagemaker}:endpoint/${local.system.endpoint.name}",
          "${local.arn.sagemaker}:endpoint-config/${local.system.endpoint.name}-v*",
          "${local.arn.sagemaker}:model/${local.system.endpoint.name}-v*",
        ]
      },
    ]
  })
}
