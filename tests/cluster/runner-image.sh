# Sourced by cases whose pods run the runner, after settings.sh: LOTSE_IMAGE is its image in the cluster's registry. Built
# and pushed once for each program that there is, as it takes half a minute of a core.
: "${LOTSE:?}" "${LOTSE_RUNNER:?}"
built=$(cat "$LOTSE_RUNNER" "$(dirname "$LOTSE_RUNNER")/../lib/liblotse-runner.so" | sha256sum | cut -c1-12)
export LOTSE_IMAGE=$registry/lotse/runner:$built
(
  flock 7
  there=$(curl --silent --noproxy '*' "http://$registry/v2/lotse/runner/tags/list")
  if [[ "$there" != *"\"$built\""* ]]; then
    "$LOTSE" image build --runner "$LOTSE_RUNNER" --folder image --tag lotse-runner:test
    "$cluster/push" image "lotse/runner:$built"
    rm -r image
  fi
) 7>"$state/tmp/runner-image.lock"
