#!/usr/bin/env bash
# Who may include whom: the application never the engine, the engine never the application, lib neither,
# and a service only those of a lower rank. Prints every include that runs the wrong way.
set -uo pipefail
cd "$(dirname "$0")/.."
wrong=$(mktemp)
trap 'rm -f "$wrong"' EXIT

forbid() { # folder, what it must not include (a regular expression)
  grep -rnE "^#include \"($2)/" --include='*.cc' --include='*.h' "$1" >>"$wrong"
}
forbid src/lib 'engine|beer|lambda|pipelines|cli'
forbid src/engine 'beer|lambda|pipelines|cli'
for application in beer lambda pipelines; do forbid "src/$application" 'engine|cli'; done
forbid src/beer 'lambda|pipelines|lib/http|lib/aws|lib/io'
forbid src/engine/storage 'engine/(services|gateway|protocol)'
forbid src/engine/protocol 'engine/(services|gateway|storage)'
forbid src/engine/jobs 'engine/(services|gateway)'

ranks=('s3|kinesis|iam|sts|logs|cloudwatch|ecr' 'glue|lambda' 'firehose|athena|sagemaker' 'events')
for rank in "${!ranks[@]}"; do
  for service in ${ranks[$rank]//|/ }; do
    # Everything of the same rank and above, but itself.
    others=$(IFS='|'; echo "${ranks[*]:$rank}")
    others=$(tr '|' '\n' <<<"$others" | grep -vx "$service" | paste -sd '|')
    [ -z "$others" ] || grep -rnE "^#include \"engine/services/($others)/" --include='*.cc' --include='*.h' \
      "src/engine/services/$service" >>"$wrong"
  done
done
if [ -s "$wrong" ]; then
  echo "layers: these includes run the wrong way:"
  cat "$wrong"
  exit 1
fi
echo "layers: ok"
