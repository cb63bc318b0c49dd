# What the cleaned beers look like, and the workgroup that queries them.

resource "aws_glue_catalog_database" "beers" {
  name        = local.system.table.database
  description = "Beers of the Punk API"
}

resource "aws_glue_catalog_table" "cleaned" {
  name          = local.system.table.name
  database_name = aws_glue_catalog_database.beers.name
  description   = "Beers as the transformation cleaned them, one row for each arrival"
  table_type    = "EXTERNAL_TABLE"

  # A day's partition is there when its folder is: Athena computes the folders' names (partition projection).
  parameters = {
    EXTERNAL                                                   = "TRUE"
    classification                                             = "parquet"
    "projection.enabled"                                       = "true"
    "projection.${local.system.table.partition}.type"          = "date"
    "projection.${local.system.table.partition}.format"        = "yyyy-MM-dd"
    "projection.${local.system.table.partition}.range"         = "${local.system.table.partition_from},NOW"
    "projection.${local.system.table.partition}.interval"      = "1"
    "projection.${local.system.table.partition}.interval.unit" = "DAYS"
  }

  partition_keys {
    name    = local.system.table.partition
    type    = "string"
    comment = "The day of arrival, UTC"
  }

  storage_descriptor {
    location      = "s3://${local.buckets.cleaned}/${local.cleaned_folder}"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
      parameters            = { "serialization.format" = "1" }
    }

    dynamic "columns" {
      for_each = jsondecode(file("${var.package_folder}/columns.json"))

      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }
}

resource "aws_athena_workgroup" "beers" {
  name          = local.system.queries.workgroup
  description   = "Queries over the beers"
  force_destroy = true

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = local.system.queries.scan_limit_mib * 1024 * 1024

    result_configuration {
      output_location = "s3://${local.buckets.queries}/${local.system.queries.results_prefix}"

      encryption_configuration {
        encryption_option = "SSE_S3"
      }
    }
  }

  depends_on = [aws_s3_bucket.lake]
}

resource "aws_athena_named_query" "saved" {
  for_each  = local.system.queries.saved
  name      = each.key
  workgroup = aws_athena_workgroup.beers.name
  database  = aws_glue_catalog_database.beers.name
  query     = each.value
}
