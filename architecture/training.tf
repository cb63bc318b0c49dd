# What makes models: the image's repository, the pipeline, the group its models are registered in, and the rule that
# trains anew.

resource "aws_ecr_repository" "pipeline" {
  name                 = local.system.training.repository
  image_tag_mutability = "MUTABLE"
  force_delete         = var.delete_data

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "pipeline" {
  repository = aws_ecr_repository.pipeline.name

  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "Images that a newer one took the tag from"
      selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 30 }
      action       = { type = "expire" }
    }]
  })
}

resource "aws_sagemaker_model_package_group" "models" {
  model_package_group_name        = local.system.registry.group
  model_package_group_description = "Models that predict a beer's IBU"
}

# SageMaker's own XGBoost image, which trains where beer.yaml says so: in an account of AWS's, another in each region.
data "aws_sagemaker_prebuilt_ecr_image" "xgboost" {
  count           = local.system.training.trainer == "xgboost" && local.system.training.xgboost_image == "auto" ? 1 : 0
  repository_name = "sagemaker-xgboost"
  image_tag       = "1.7-1"
}

# The definition is what `beer package` wrote from the same beer.yaml.
resource "aws_sagemaker_pipeline" "training" {
  pipeline_name         = local.system.training.pipeline
  pipeline_display_name = local.system.training.pipeline
  pipeline_description  = "From cleaned beers to a registered model"
  role_arn              = aws_iam_role.pipeline.arn

  pipeline_definition = templatefile("${var.package_folder}/pipeline.json.tftpl", {
    account_id    = local.account
    region        = local.region
    xgboost_image = one(data.aws_sagemaker_prebuilt_ecr_image.xgboost[*].registry_path)
  })

  depends_on = [aws_iam_role_policy.pipeline, aws_sagemaker_model_package_group.models]
}

resource "aws_cloudwatch_event_rule" "retraining" {
  name                = local.system.training.retraining.rule
  description         = "Starts the pipeline ${local.system.training.pipeline}"
  schedule_expression = local.system.training.retraining.expression
}

resource "aws_cloudwatch_event_target" "retraining" {
  rule      = aws_cloudwatch_event_rule.retraining.name
  target_id = "pipeline"
  arn       = aws_sagemaker_pipeline.training.arn
  role_arn  = aws_iam_role.retraining.arn

  # `beer approve` tells the pipeline here which model is the champion.
  lifecycle {
    ignore_changes = [sagemaker_pipeline_target]
  }
}
