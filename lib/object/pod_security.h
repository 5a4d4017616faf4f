#pragma once
#include <string>

#include "base/diagnostic.h"
#include "object/pod_template.h"

namespace lotse::object {

/// What the Pod Security Standard "restricted" of Kubernetes 1.36 and 1.37 refuses of pods, as
/// https://kubernetes.io/docs/concepts/security/pod-security-standards lists it: `where` is the
/// field within the object. Equal to k8s.io/pod-security-admission on its own cases
/// (tests/unit/object).
base::Diagnostics restricted_violations(const PodTemplate& pods);

/// What keeps pods apart from the node and the cluster, asks nothing of the image but to write to
/// volumes alone, and is not part of that standard: no token of a service account, no capability at
/// all, a root that is read-only. One entry for each that is missing.
base::Diagnostics missing_isolation(const PodTemplate& pods);

}  // namespace lotse::object
