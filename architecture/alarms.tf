# What someone should look at. The alarms notify nobody until given an action: alarm_actions takes the ARN of a topic.

locals {
  deliveries = { for key in ["raw", "cleaned"] : key => local.system.delivery[key].name }
  functions  = { for key in ["extraction", "transformation"] : key => local.system.functions[key].name }
}

# The deliveries fall behind the stream; past its retention records would be lost.
resource "aws_cloudwatch_metric_alarm" "iterator_age" {
  alarm_name          = "${local.system.project}-iterator-age"
  alarm_description   = "A reader of the stream is more than ${local.system.alarms.iterator_age_minutes} minutes behind"
  namespace           = "AWS/Kinesis"
  metric_name         = "GetRecords.IteratorAgeMilliseconds"
  dimensions          = { StreamName = local.system.stream.name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 5
  threshold           = local.system.alarms.iterator_age_minutes * 60 * 1000
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
}

# The lake lags behind what came.
resource "aws_cloudwatch_metric_alarm" "freshness" {
  for_each            = local.deliveries
  alarm_name          = "${local.system.project}-freshness-${each.key}"
  alarm_description   = "The oldest beer that ${each.value} hasn't delivered is more than ${local.system.alarms.freshness_minutes} minutes old"
  namespace           = "AWS/Firehose"
  metric_name         = "DeliveryToS3.DataFreshness"
  dimensions          = { DeliveryStreamName = each.value }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 2
  threshold           = local.system.alarms.freshness_minutes * 60
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
}

resource "aws_cloudwatch_metric_alarm" "function_errors" {
  for_each            = local.functions
  alarm_name          = "${local.system.project}-errors-${each.key}"
  alarm_description   = "${each.value} failed"
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = each.value }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = local.system.alarms.function_errors
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
}
