# What one wants to know after an apply.

output "buckets" {
  description = "The lake"
  value       = local.buckets
}

output "stream" {
  description = "ARN of the stream"
  value       = aws_kinesis_stream.beers.arn
}

output "image" {
  description = "What to push the pipeline's image as"
  value       = "${aws_ecr_repository.pipeline.repository_url}:${local.system.training.image_tag}"
}

output "pipeline" {
  description = "ARN of the training pipeline"
  value       = aws_sagemaker_pipeline.training.arn
}

output "workgroup" {
  description = "Athena's workgroup"
  value       = aws_athena_workgroup.beers.name
}

output "table" {
  description = "The cleaned beers"
  value       = "${aws_glue_catalog_database.beers.name}.${aws_glue_catalog_table.cleaned.name}"
}

output "endpoint" {
  description = "The endpoint, when there is one"
  value       = one([for endpoint in aws_sagemaker_endpoint.serving : endpoint.name])
}
