#include <nlohmann/json.hpp>
#include <vector>

#include "archive/tar_stream.h"
#include "base/error.h"
#include "crypto/digest.h"
#include "transfer/folder.h"
#include "transfer/transfer.h"

namespace lotse::transfer {

namespace {

constexpr std::size_t piece = 1 << 20;

/// The indices of the files that are not here with that content.
std::vector<std::size_t> missing(const Folder& folder, const Manifest& manifest,
                                 const ProgressSink& sink) {
  std::vector<std::size_t> wanted;
  Progress progress{Progress::Phase::check, 0, bytes_of(manifest)};
  for (std::size_t at = 0; at < manifest.size(); ++at) {
    const auto& entry = manifest[at];
    if (entry.folder) continue;
    const auto tell = [&](std::string_view bytes) {
      progress.done += bytes.size();
      sink(progress);
    };
    if (folder.size_of(entry.path) == entry.size &&
        folder.sha256_of(entry.path, tell) == entry.sha256)
      folder.make_executable(entry.path, entry.executable);
    else
      wanted.push_back(at);
  }
  return wanted;
}

/// Reads the stream's next entry, which must be this file of the manifest.
void receive_file(archive::TarStreamReader& tar, const Folder& folder, const Entry& entry,
                  const std::function<void(std::size_t)>& received) {
  const auto header = tar.next();
  if (!header || header->folder || header->path != entry.path || header->size != entry.size)
    throw base::Error({{entry.path, "was announced, but does not come", ""}});
  Folder::NewFile file(folder, entry.path);
  crypto::Sha256 digest;
  std::vector<char> buffer(piece);
  while (const auto count = tar.read(buffer.data(), buffer.size())) {
    const std::string_view bytes(buffer.data(), count);
    digest.update(bytes);
    file.write(bytes);
    received(count);
  }
  if (digest.hex() != entry.sha256)
    throw base::Error(base::ErrorKind::failed,
                      entry.path + ": what came is not what its checksum says",
                      "it changed while it was read, or the way damaged it; run it again");
  file.keep(entry.executable);
}

}  // namespace

Result receive(const std::filesystem::path& base, const std::string& inside, Pipe& pipe,
               const ProgressSink& sink) {
  LineReader lines(pipe);
  const auto manifest = read_manifest(lines);
  const Folder folder(base, inside, true);
  Result result{0, bytes_of(manifest), 0, 0};
  for (const auto& entry : manifest) {
    if (entry.folder) folder.make_folder(entry.path);
    result.files += entry.folder ? 0 : 1;
  }
  const auto wanted = missing(folder, manifest, sink);
  write_wanted(wanted, pipe);
  result.sent_files = wanted.size();
  for (const auto at : wanted) result.sent_bytes += manifest[at].size;
  Progress progress{Progress::Phase::send, 0, result.sent_bytes};
  archive::TarStreamReader tar(
      [&](char* into, std::size_t room) { return lines.read(into, room); });
  for (const auto at : wanted)
    receive_file(tar, folder, manifest[at], [&](std::size_t bytes) {
      progress.done += bytes;
      sink(progress);
    });
  if (tar.next()) throw base::Error({{"tar stream", "holds more than was announced", ""}});
  folder.flush();
  pipe.write(nlohmann::json{{"received", wanted.size()}}.dump() + "\n");
  return result;
}

}  // namespace lotse::transfer
