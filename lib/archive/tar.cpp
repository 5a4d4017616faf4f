#include "archive/tar.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <vector>

#include "archive/libarchive.h"
#include "base/error.h"

namespace lotse::archive {

namespace fs = std::filesystem;

struct TarWriter::State {
  explicit State(Sink out) : writer(std::move(out)) {}

  void header(const std::string& path, unsigned type, unsigned mode, std::uint64_t size) {
    const Entry entry;
    libarchive().entry_set_pathname(entry.get(), path.c_str());
    libarchive().entry_set_filetype(entry.get(), type);
    libarchive().entry_set_perm(entry.get(), static_cast<mode_t>(mode));
    libarchive().entry_set_size(entry.get(), static_cast<la_int64_t>(size));
    libarchive().entry_set_mtime(entry.get(), 0, 0);
    check(writer.handle(), libarchive().write_header(writer.handle(), entry.get()));
  }

  Writer writer;
};

TarWriter::TarWriter(Sink out) : state_(std::make_unique<State>(std::move(out))) {
  ::archive* handle = state_->writer.handle();
  check(handle, libarchive().write_set_format_pax_restricted(handle));
  check(handle, libarchive().write_add_filter_none(handle));
  state_->writer.open();
}

TarWriter::~TarWriter() = default;

void TarWriter::add_folder(const std::string& path, unsigned mode) {
  state_->header(path + "/", AE_IFDIR, mode, 0);
}

void TarWriter::add_text(const std::string& path, unsigned mode, std::string_view content) {
  state_->header(path, AE_IFREG, mode, content.size());
  state_->writer.data(content);
}

void TarWriter::add_file(const std::string& path, unsigned mode, const fs::path& source) {
  std::error_code failure;
  std::uint64_t left = fs::file_size(source, failure);
  std::ifstream file(source, std::ios::binary);
  if (failure || !file) throw base::Error({{source.string(), "cannot be read", ""}});
  state_->header(path, AE_IFREG, mode, left);
  std::vector<char> buffer(1 << 20);
  while (left > 0) {
    file.read(buffer.data(),
              static_cast<std::streamsize>(std::min<std::uint64_t>(buffer.size(), left)));
    if (file.gcount() <= 0)
      throw base::Error({{source.string(), "became shorter while it was read", ""}});
    state_->writer.data({buffer.data(), static_cast<size_t>(file.gcount())});
    left -= static_cast<std::uint64_t>(file.gcount());
  }
}

void TarWriter::finish() {
  state_->writer.close();
}

}  // namespace lotse::archive
