#!/usr/bin/env bash
# Terraform over architecture/, on AWS or on the engine.   terraform.sh init|validate|plan|apply|destroy aws|local BUILD
# The two keep their states apart, as workspaces. For local the engine's address and keys come from `beer env`.
set -euo pipefail
cd "$(dirname "$0")/.."
command=$1 target=$2 build=$3
beer=$PWD/$build/bin/beer
brewery=http://127.0.0.1:8091/v2 # what `make up DEPLOY=no` serves

fail() {
  echo "terraform: $1" >&2
  exit 1
}

command -v terraform >/dev/null || fail "the program terraform is missing: see https://developer.hashicorp.com/terraform/install"
case "$target" in
  aws) workspace=default ;;
  local) workspace=local ;;
  *) fail "TARGET=$target: must be aws or local" ;;
esac

# A settings file that isn't there would only make Terraform warn at every step.
[ -e "${TF_CLI_CONFIG_FILE:-/}" ] || unset TF_CLI_CONFIG_FILE

if [ "$target" = local ] && [ "$command" != init ] && [ "$command" != validate ]; then
  exports=$(env -u AWS_ENDPOINT_URL "$beer" env ${DATA:+--data "$DATA"}) || fail "start an engine in another terminal: make up DEPLOY=no"
  eval "$exports"
  curl -fsS -o /dev/null "$AWS_ENDPOINT_URL/_engine/health" 2>/dev/null ||
    fail "no engine answers at $AWS_ENDPOINT_URL: start one in another terminal: make up DEPLOY=no"
  grep -qE '^ +url: simulated' beer.yaml && export TF_VAR_source_url=${TF_VAR_source_url:-$brewery}
fi

[ "$(uname -m)" != aarch64 ] || export TF_VAR_processor=${TF_VAR_processor:-arm64}

cd architecture
color=()
[ -t 1 ] || color=(-no-color)
export TF_IN_AUTOMATION=1 TF_INPUT=0
# Terraform and its provider collect garbage less often: up to a second less for each command, for some 300 MB.
export GOGC=400
init() {
  local mirror=${PLUGIN_DIR-}
  [ -n "$mirror" ] || mirror=$(../tools/terraform_mirror.sh)
  terraform init "${color[@]}" ${mirror:+-plugin-dir="$mirror"}
}
if [ "$command" = init ]; then
  init
  exit
fi
[ -e .terraform ] || init >/dev/null
[ "$workspace" = default ] || terraform workspace select -or-create "$workspace" >/dev/null
[ "$workspace" != default ] || terraform workspace select default >/dev/null

case "$command" in
  validate)
    terraform fmt -check -diff
    terraform validate "${color[@]}"
    ;;
  plan) terraform plan "${color[@]}" ;;
  apply) terraform apply -auto-approve "${color[@]}" ;;
  destroy)
    # What runs have made isn't Terraform's: endpoints, and the registry's versions, which AWS wants gone first.
    if [ "$target" = aws ]; then
      # Where Terraform goes too: unset means AWS, and not an engine that ran in this folder.
      export AWS_ENDPOINT_URL=${AWS_ENDPOINT_URL:-}
      # The command takes keys only; the aws CLI has those of a profile.
      [ -n "${AWS_ACCESS_KEY_ID:-}" ] || keys=$(aws configure export-credentials --format env 2>/dev/null) ||
        fail "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with the aws CLI"
      eval "${keys:-}"
      [ -n "${AWS_REGION:-${AWS_DEFAULT_REGION:-}}" ] || fail "set AWS_REGION"
    fi
    "$beer" destroy --only-models --spec ../beer.yaml
    terraform destroy -auto-approve "${color[@]}"
    ;;
  *) fail "$command: no such command" ;;
esac
