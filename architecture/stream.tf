# The stream between who brings beers and who delivers them.

resource "aws_kinesis_stream" "beers" {
  name             = local.system.stream.name
  shard_count      = local.system.stream.shards
  retention_period = local.system.stream.retention_hours
  encryption_type  = local.system.stream.encryption == "kms" ? "KMS" : "NONE"
  kms_key_id       = local.system.stream.encryption == "kms" ? "alias/aws/kinesis" : null

  stream_mode_details {
    stream_mode = "PROVISIONED"
  }
}
