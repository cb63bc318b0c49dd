# The endpoint, off unless a model package is named: it costs by the hour. `beer promote` makes the same one.

locals {
  serving = var.endpoint_model == "" ? {} : { (local.system.endpoint.name) = var.endpoint_model }
  # The end of the package's ARN: its version.
  model_name = "${local.system.endpoint.name}-v${element(split("/", var.endpoint_model), -1)}"
}

resource "aws_sagemaker_model" "serving" {
  for_each           = local.serving
  name               = local.model_name
  execution_role_arn = aws_iam_role.serving.arn

  container {
    model_package_name = each.value
  }

  depends_on = [aws_iam_role_policy.serving]
}

resource "aws_sagemaker_endpoint_configuration" "serving" {
  for_each = local.serving
  name     = local.model_name

  production_variants {
    variant_name           = "AllTraffic"
    model_name             = aws_sagemaker_model.serving[each.key].name
    instance_type          = local.system.endpoint.instance_type
    initial_instance_count = local.system.endpoint.instances
    initial_variant_weight = 1
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint" "serving" {
  for_each             = local.serving
  name                 = each.key
  endpoint_config_name = aws_sagemaker_endpoint_configuration.serving[each.key].name
}
