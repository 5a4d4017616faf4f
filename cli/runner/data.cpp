#include "cli/runner/data.h"

#include "runner/classify/dataset.h"
#include "runner/detect/dataset.h"

namespace lotse::cli::runner {

bool is_folder_a_class(const std::filesystem::path& data) {
  return lotse::runner::classify::has_class_folders(data) &&
         !lotse::runner::detect::data_file(data);
}

}  // namespace lotse::cli::runner
