// The public suites that the unit tests run, as they lie in these modules: .ci/conformance fetches them.
// Nothing imports them, so `go mod tidy` would empty this file: change a version with
// `go mod edit -require` and then `go mod download MODULE`.
module lotse.dev/tests/conformance

go 1.26.0

require (
	github.com/goccy/go-yaml v1.19.2
	github.com/json-e/json-e/v4 v4.8.0
	k8s.io/api v0.37.2
	k8s.io/pod-security-admission v0.37.2
)
