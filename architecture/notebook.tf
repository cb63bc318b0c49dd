# A notebook instance with the notebooks on it, off by default: it costs by the hour while it runs.

resource "aws_sagemaker_notebook_instance_lifecycle_configuration" "notebooks" {
  count = var.notebook ? 1 : 0
  name  = local.system.notebook.name

  # Five minutes are all that SageMaker gives a script; a clone of the notebooks takes seconds.
  on_create = base64encode(<<-SCRIPT
    #!/bin/bash
    set -euo pipefail
    sudo -u ec2-user git clone --depth 1 '${local.system.notebook.repository}' /home/ec2-user/SageMaker/mlops-beer
  SCRIPT
  )

  on_start = base64encode(<<-SCRIPT
    #!/bin/bash
    set -euo pipefail
    sudo -u ec2-user git -C /home/ec2-user/SageMaker/mlops-beer pull --ff-only || true
  SCRIPT
  )
}

resource "aws_sagemaker_notebook_instance" "notebooks" {
  count                 = var.notebook ? 1 : 0
  name                  = local.system.notebook.name
  role_arn              = aws_iam_role.notebook[0].arn
  instance_type         = local.system.notebook.instance_type
  lifecycle_config_name = aws_sagemaker_notebook_instance_lifecycle_configuration.notebooks[0].name
  volume_size           = 5
  platform_identifier   = "notebook-al2-v3"
  root_access           = "Enabled" # the lifecycle scripts need it

  instance_metadata_service_configuration {
    minimum_instance_metadata_service_version = "2"
  }

  depends_on = [aws_iam_role_policy.notebook]
}
