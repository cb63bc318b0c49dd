# Two deliveries read the stream, each for itself: one saves what came as it came, the other what
# fn_transformation makes of it, as Parquet by the table's columns.

resource "aws_kinesis_firehose_delivery_stream" "raw" {
  name        = local.system.delivery.raw.name
  destination = "extended_s3"

  kinesis_source_configuration {
    kinesis_stream_arn = aws_kinesis_stream.beers.arn
    role_arn           = aws_iam_role.delivery.arn
  }

  extended_s3_configuration {
    role_arn            = aws_iam_role.delivery.arn
    bucket_arn          = aws_s3_bucket.lake["raw"].arn
    prefix              = local.system.delivery.raw.prefix
    error_output_prefix = local.system.delivery.raw.error_prefix
    buffering_size      = local.system.delivery.raw.buffer_mib
    buffering_interval  = local.system.delivery.raw.buffer_seconds
    compression_format  = "GZIP"

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.delivery.name
      log_stream_name = aws_cloudwatch_log_stream.delivery.name
    }
  }

  depends_on = [aws_iam_role_policy.delivery]
}

resource "aws_kinesis_firehose_delivery_stream" "cleaned" {
  name        = local.system.delivery.cleaned.name
  destination = "extended_s3"

  kinesis_source_configuration {
    kinesis_stream_arn = aws_kinesis_stream.beers.arn
    role_arn           = aws_iam_role.delivery.arn
  }

  extended_s3_configuration {
    role_arn            = aws_iam_role.delivery.arn
    bucket_arn          = aws_s3_bucket.lake["cleaned"].arn
    prefix              = local.system.delivery.cleaned.prefix
    error_output_prefix = local.system.delivery.cleaned.error_prefix
    buffering_size      = local.system.delivery.cleaned.buffer_mib
    buffering_interval  = local.system.delivery.cleaned.buffer_seconds
    compression_format  = "UNCOMPRESSED" # Parquet compresses by itself

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.delivery.name
      log_stream_name = aws_cloudwatch_log_stream.delivery.name
    }

    processing_configuration {
      enabled = true

      processors {
        type = "Lambda"

        parameters {
          parameter_name  = "LambdaArn"
          parameter_value = "${aws_lambda_function.transformation.arn}:$LATEST"
        }
      }
    }

    data_format_conversion_configuration {
      schema_configuration {
        role_arn      = aws_iam_role.delivery.arn
        database_name = aws_glue_catalog_database.beers.name
        table_name    = aws_glue_catalog_table.cleaned.name
        region        = local.region
        version_id    = "LATEST"
      }

      input_format_configuration {
        deserializer {
          open_x_json_ser_de {}
        }
      }

      output_format_configuration {
        serializer {
          parquet_ser_de {
            compression = "SNAPPY"
          }
        }
      }
    }
  }

  depends_on = [aws_iam_role_policy.delivery]
}

resource "aws_lambda_function" "transformation" {
  function_name    = local.system.functions.transformation.name
  description      = "Selects and computes a beer's features on its way to the bucket cleaned"
  role             = aws_iam_role.transformation.arn
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.processor]
  filename         = "${var.package_folder}/fn_transformation.zip"
  source_code_hash = filebase64sha256("${var.package_folder}/fn_transformation.zip")
  memory_size      = local.system.functions.transformation.memory_mb
  timeout          = local.system.functions.transformation.timeout_seconds

  depends_on = [aws_cloudwatch_log_group.transformation, aws_iam_role_policy.transformation]
}

resource "aws_cloudwatch_log_group" "transformation" {
  name              = local.logs.transformation
  retention_in_days = local.system.functions.log_retention_days
}

# Where the deliveries say what went wrong.
resource "aws_cloudwatch_log_group" "delivery" {
  name              = local.logs.delivery
  retention_in_days = local.system.functions.log_retention_days
}

resource "aws_cloudwatch_log_stream" "delivery" {
  name           = "S3Delivery"
  log_group_name = aws_cloudwatch_log_group.delivery.name
}
