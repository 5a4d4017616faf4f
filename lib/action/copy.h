#pragma once
#include <filesystem>
#include <functional>
#include <string>

#include "action/helper_pod.h"
#include "action/target.h"
#include "transfer/transfer.h"

namespace lotse::action {

struct CopyOptions {
  std::filesystem::path folder;  ///< the folder, or file, on this machine
  std::string place;             ///< "volume:NAME/PATH"; for fetch also "WORKLOAD[:PATH]"
  std::string size = {};         ///< of the claim that push makes if it is missing, e.g. "10Gi"
  bool shared = false;           ///< pods on several nodes can mount that claim at once
  std::string image = {};        ///< the runner's, for the helper pod on a cluster
  std::string image_pull_policy = "IfNotPresent";
};

struct CopySinks {
  transfer::ProgressSink progress;
  std::function<void(const std::string&)> note;  ///< what is being done or waited for, one line
};

struct Copied {
  transfer::Result result;
  std::string volume;    ///< the claim, or the local folder
  std::string path;      ///< the path in that volume
  bool created = false;  ///< the claim was made
};

/// Copies a folder, or one file, into a volume: through a helper pod of the runner's image, or on
/// this machine into the volume's folder. What is there already is not sent again. Throws
/// Error(not_found) if the claim is missing and no size was given, and what transfer::send throws.
Copied push(Target& target, const CopyOptions& options, const CopySinks& sinks);

/// Copies from a volume to a local folder. If a workload is named, the volume is the one that it
/// writes to.
Copied fetch(Target& target, const CopyOptions& options, const CopySinks& sinks);

}  // namespace lotse::action
