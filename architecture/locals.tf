# The system of beer.yaml with the account behind what must be unique in the world.

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

locals {
  system  = yamldecode(file(var.system_file))
  account = data.aws_caller_identity.current.account_id
  region  = data.aws_region.current.name

  buckets = { for key, name in local.system.buckets : key => "${name}-${local.account}" }

  # The folders before the first expression of a prefix: "beers/" of "beers/day=!{timestamp:yyyy-MM-dd}/".
  cleaned_folder = replace(split("!{", local.system.delivery.cleaned.prefix)[0], "/[^/]*$/", "")

  source_url = var.source_url != "" ? var.source_url : local.system.source.url

  # Names that the resources below share with the policies of iam.tf.
  logs = {
    extraction     = "/aws/lambda/${local.system.functions.extraction.name}"
    transformation = "/aws/lambda/${local.system.functions.transformation.name}"
    delivery       = "/aws/kinesisfirehose/${local.system.project}"
  }
}
