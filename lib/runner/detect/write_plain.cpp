#include "runner/detect/write_plain.h"

#include <cstdio>

#include "base/error.h"

namespace lotse::runner::detect {

void write_plain(const std::filesystem::path& path, const std::string& content) {
  FILE* file = std::fopen(path.c_str(), "wb");
  const bool good =
      file != nullptr && std::fwrite(content.data(), 1, content.size(), file) == content.size();
  if ((file != nullptr && std::fclose(file) != 0) || !good)
    throw base::Error(base::ErrorKind::failed, path.string() + ": cannot be written");
}

}  // namespace lotse::runner::detect
