#include "action/supervise.h"

#include "local/local.h"

namespace lotse::action {

int supervise(const std::filesystem::path& folder) {
  return local::supervise(folder);
}

}  // namespace lotse::action
