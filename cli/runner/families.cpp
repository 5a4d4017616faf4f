#include "cli/runner/families.h"

#include "runner/classify/family.h"
#include "runner/detect/family.h"

namespace lotse::cli::runner {

const lotse::runner::task::Families& families() {
  static const lotse::runner::task::Families all = {
      std::make_shared<lotse::runner::detect::DetectFamily>(),
      std::make_shared<lotse::runner::classify::ClassifyFamily>(),
  };
  return all;
}

}  // namespace lotse::cli::runner
