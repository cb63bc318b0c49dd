# The lake: raw, cleaned, models, and the results of queries. All are encrypted, private, and only answer over TLS.

resource "aws_s3_bucket" "lake" {
  for_each      = local.buckets
  bucket        = each.value
  force_destroy = var.delete_data

  # Versions and rules within the bucket, and not as resources of their own: those wait a second at every reading and
  # 55 seconds after every change, whatever S3 answers (docs/adr/0008-lifecycle-rules-in-the-bucket.md).
  dynamic "versioning" {
    for_each = each.key == "models" ? [true] : [] # a model that was registered must stay what it was

    content {
      enabled = versioning.value
    }
  }

  dynamic "lifecycle_rule" {
    for_each = local.lifecycle_rules[each.key]

    content {
      id                                     = lifecycle_rule.key
      enabled                                = true
      abort_incomplete_multipart_upload_days = lookup(lifecycle_rule.value, "abort_uploads", null)

      dynamic "transition" {
        for_each = compact([lookup(lifecycle_rule.value, "infrequent", "")])

        content {
          days          = transition.value
          storage_class = "STANDARD_IA"
        }
      }

      dynamic "expiration" {
        for_each = compact([lookup(lifecycle_rule.value, "expire", "")])

        content {
          days = expiration.value
        }
      }

      dynamic "noncurrent_version_expiration" {
        for_each = compact([lookup(lifecycle_rule.value, "old_versions", "")])

        content {
          days = noncurrent_version_expiration.value
        }
      }
    }
  }
}

locals {
  abort_uploads = { abort-uploads = { abort_uploads = local.system.lifecycle.abort_uploads } }

  lifecycle_rules = {
    raw     = merge(local.abort_uploads, { infrequent = { infrequent = local.system.lifecycle.raw_infrequent } })
    cleaned = local.abort_uploads
    models  = merge(local.abort_uploads, { old-versions = { old_versions = local.system.lifecycle.old_versions } })
    queries = merge(local.abort_uploads, { results = { expire = local.system.lifecycle.results } })
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "lake" {
  for_each = aws_s3_bucket.lake
  bucket   = each.value.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_ownership_controls" "lake" {
  for_each = aws_s3_bucket.lake
  bucket   = each.value.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "lake" {
  for_each                = aws_s3_bucket.lake
  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "lake" {
  for_each = aws_s3_bucket.lake
  bucket   = each.value.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyOverTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [each.value.arn, "${each.value.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  # S3 takes one change of these at a time.
  depends_on = [aws_s3_bucket_public_access_block.lake]
}
