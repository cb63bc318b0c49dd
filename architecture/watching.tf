# The approved model watched: a pipeline that looks at the beers which came since it was trained, an alarm over what it
# finds, and the rule that trains anew when the alarm goes off.

resource "aws_sagemaker_pipeline" "watching" {
  pipeline_name         = local.system.watching.pipeline
  pipeline_display_name = local.system.watching.pipeline
  pipeline_description  = "The approved model against the beers that came since"
  role_arn              = aws_iam_role.pipeline.arn

  pipeline_definition = templatefile("${var.package_folder}/watching.json.tftpl", {
    account_id = local.account
    region     = local.region
  })

  depends_on = [aws_iam_role_policy.pipeline]
}

# Asleep until `beer approve` has told it which model to watch.
resource "aws_cloudwatch_event_rule" "watching" {
  name                = local.system.watching.rule
  description         = "Starts the pipeline ${local.system.watching.pipeline}"
  schedule_expression = local.system.watching.expression
  state               = "DISABLED"

  lifecycle {
    ignore_changes = [state]
  }
}

resource "aws_cloudwatch_event_target" "watching" {
  rule      = aws_cloudwatch_event_rule.watching.name
  target_id = "pipeline"
  arn       = aws_sagemaker_pipeline.watching.arn
  role_arn  = aws_iam_role.retraining.arn

  lifecycle {
    ignore_changes = [sagemaker_pipeline_target]
  }
}

# Between two looks its state stays, so the rule hears of a drift once.
resource "aws_cloudwatch_metric_alarm" "drift" {
  alarm_name          = "${local.system.project}-drift"
  alarm_description   = "Newly come beers aren't what the approved model of ${local.system.registry.group} was trained on, or it errs more on them"
  namespace           = "/aws/sagemaker/${local.system.project}"
  metric_name         = "Breached"
  dimensions          = { ModelPackageGroup = local.system.registry.group }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "ignore"
}

resource "aws_cloudwatch_event_rule" "drift" {
  name        = local.system.watching.drift_rule
  description = "Starts the pipeline ${local.system.training.pipeline} when the approved model no longer fits what comes"

  event_pattern = jsonencode({
    source      = ["aws.cloudwatch"]
    detail-type = ["CloudWatch Alarm State Change"]
    detail      = { alarmName = [aws_cloudwatch_metric_alarm.drift.alarm_name], state = { value = ["ALARM"] } }
  })
}

resource "aws_cloudwatch_event_target" "drift" {
  rule      = aws_cloudwatch_event_rule.drift.name
  target_id = "pipeline"
  arn       = aws_sagemaker_pipeline.training.arn
  role_arn  = aws_iam_role.retraining.arn

  # `beer approve` tells the pipeline here which model is the champion.
  lifecycle {
    ignore_changes = [sagemaker_pipeline_target]
  }
}
