#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/descriptor.h"
#include "transfer/manifest.h"

namespace lotse::transfer {

using base::Descriptor;

/// A folder that nothing leads out of: below it no symbolic link is followed, whoever made it and
/// whenever. What is neither a file nor a folder is refused as Error(invalid).
class Folder {
 public:
  using Bytes = std::function<void(std::string_view)>;

  /// `inside`, which is a safe path or "", below `base`; the way to `base` may have links. With
  /// `make` what is missing of both is made. Throws Error(invalid) if it is not there.
  Folder(const std::filesystem::path& base, const std::string& inside, bool make);

  /// All files and folders below, sorted, without checksums; or only `name`, if it is not "". What
  /// an earlier transfer left unfinished is left out. Throws Error(invalid) naming all that can be
  /// neither sent nor left out: links, devices, pipes.
  Manifest scan(const std::string& name) const;

  /// Whether `name` is a folder here; false for a file. Throws Error(invalid) if it is neither.
  bool has_folder(const std::string& name) const;

  std::optional<uint64_t> size_of(const std::string& path) const;  ///< of a file, if it is there
  std::string sha256_of(const std::string& path, const Bytes& progress) const;
  void read(const std::string& path, const Bytes& sink) const;
  void make_folder(const std::string& path) const;

  /// A file that nobody sees before `keep`, which puts it in its place in one step; without it
  /// nothing remains.
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
    std::string name_;  // before parent_, whose making fills it in
    Descriptor parent_;
    std::string aside_;
    Descriptor file_;
    bool kept_ = false;
  };

  void make_executable(const std::string& path, bool executable) const;
  void flush() const;  ///< all that was written reaches the disk

 private:
  Descriptor parent_of(const std::string& path, std::string& name) const;
  Descriptor open_file(const std::string& path) const;

  Descriptor root_;
  std::string shown_;  // in messages
};

}  // namespace lotse::transfer
