#include "cli/runner/families.h"

#include "runner/detect/family.h"

namespace lotse::cli::runner {

const lotse::runner::task::Families& families() {
  static const lotse::runner::task::Families all = {
      std::make_shared<lotse::runner::detect::DetectFamily>(),
  };
  return all;
}

}  // namespace lotse::cli::runner
