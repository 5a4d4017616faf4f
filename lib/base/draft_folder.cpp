#include "base/draft_folder.h"

#include "base/error.h"
#include "base/strings.h"

namespace lotse::base {

namespace fs = std::filesystem;

DraftFolder::DraftFolder(const fs::path& wanted, const std::string& maker)
    : path_(wanted.parent_path() / cat(".", wanted.filename().string(), ".partial")) {
  if (!fs::create_directory(path_))
    throw Error({{path_.string(), "is there already",
                  maker + " makes it, or one was killed: then remove it"}});
}

DraftFolder::~DraftFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void DraftFolder::become(const fs::path& wanted) const {
  fs::rename(path_, wanted);
}

}  // namespace lotse::base
