#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/descriptor.h"
#include "transfer/manifest.h"

namespace lotse::transfer {

using base::Descriptor;

/// A folder that no path leads out of: below it no symbolic link is followed, not even one that
/// appears during the work. What is neither a file nor a folder is refused with Error(invalid).
class Folder {
 public:
  using Bytes = std::function<void(std::string_view)>;

  /// Opens `inside`, a safe path or "", below `base`; the path to `base` itself may have links.
  /// With `make` missing folders are made. Throws Error(invalid) if it is not there.
  Folder(const std::filesystem::path& base, const std::string& inside, bool make);

  /// All files and folders below, sorted, without checksums; or only `name`, if it is not "". What
  /// an earlier transfer left unfinished is left out. Throws Error(invalid) naming all that can be
  /// neither sent nor left out: links, devices, pipes.
  Manifest scan(const std::string& name) const;

  /// Whether `name` is a folder here; false for a file. Throws Error(invalid) if it is neither.
  bool has_folder(const std::string& name) const;

  std::optional<uint64_t> size_of(
      const std::string& path) const;  ///< bytes; nothing if no file is there
  std::string sha256_of(const std::string& path, const Bytes& progress) const;
  void read(const std::string& path, const Bytes& sink) const;
  void make_folder(const std::string& path) const;

  /// A file that is written aside. `keep` puts it in its place in one step; if that is never
  /// called, nothing remains of it.
  class NewFile {
   public:
    NewFile(const Folder& folder, const std::string& path);
    ~NewFile();
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    void write(std::string_view bytes);
    void keep(bool executable);

   private:
    std::string path_;
    std::string name_;  // declared before parent_, whose initializer fills it in
    Descriptor parent_;
    std::string aside_;
    Descriptor file_;
    bool kept_ = false;
  };

  void make_executable(const std::string& path, bool executable) const;
  void flush() const;  ///< waits until all that was written is on the disk

 private:
  Descriptor parent_of(const std::string& path, std::string& name) const;
  Descriptor open_file(const std::string& path) const;

  Descriptor root_;
  std::string shown_;  // its path in messages
};

}  // namespace lotse::transfer
