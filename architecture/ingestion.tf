# Every five minutes a rule calls fn_extraction, which takes a beer from the Punk API and puts it on the stream.

resource "aws_cloudwatch_event_rule" "extraction" {
  name                = local.system.schedule.rule
  description         = "Calls ${local.system.functions.extraction.name}"
  schedule_expression = local.system.schedule.expression
}

resource "aws_cloudwatch_event_target" "extraction" {
  rule      = aws_cloudwatch_event_rule.extraction.name
  target_id = "extraction"
  arn       = aws_lambda_function.extraction.arn
}

resource "aws_lambda_permission" "extraction" {
  statement_id  = "schedule"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.extraction.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.extraction.arn
}

resource "aws_lambda_function" "extraction" {
  function_name    = local.system.functions.extraction.name
  description      = "Takes a beer from the Punk API and puts it on the stream"
  role             = aws_iam_role.extraction.arn
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.processor]
  filename         = "${var.package_folder}/fn_extraction.zip"
  source_code_hash = filebase64sha256("${var.package_folder}/fn_extraction.zip")
  memory_size      = local.system.functions.extraction.memory_mb
  timeout          = local.system.functions.extraction.timeout_seconds

  environment {
    variables = {
      SOURCE_URL        = local.source_url
      STREAM_NAME       = local.system.stream.name
      SOURCE_TIMEOUT_MS = local.system.source.timeout_ms
      SOURCE_ATTEMPTS   = local.system.source.attempts
    }
  }

  lifecycle {
    precondition {
      condition     = startswith(local.source_url, "http://") || startswith(local.source_url, "https://")
      error_message = "beer.yaml's source.url is \"${local.source_url}\": give the base of a Punk API with -var source_url=https://…"
    }
  }

  depends_on = [aws_cloudwatch_log_group.extraction, aws_iam_role_policy.extraction]
}

resource "aws_cloudwatch_log_group" "extraction" {
  name              = local.logs.extraction
  retention_in_days = local.system.functions.log_retention_days
}
