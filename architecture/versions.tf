# What Terraform needs to begin. State is a local file; for a team, name a bucket in a file of your own:
#
#   # backend.tf
#   terraform {
#     backend "s3" {
#       bucket       = "your-terraform-state"
#       key          = "mlops-beer.tfstate"
#       region       = "us-east-1"
#       use_lockfile = true
#     }
#   }
#
# and run `make terraform-init` again.
terraform {
  required_version = ">= 1.6"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

# Region, credentials and endpoint come from the environment (AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL, …): that is
# the whole difference between AWS and the engine.
provider "aws" {
  default_tags {
    tags = local.system.tags
  }
}
