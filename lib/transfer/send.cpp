#include <nlohmann/json.hpp>

#include "archive/tar_stream.h"
#include "base/error.h"
#include "base/strings.h"
#include "transfer/folder.h"
#include "transfer/transfer.h"

namespace lotse::transfer {

namespace {

/// The folder that holds what is to be sent, and the name in it that is meant; "": all of it.
std::pair<Folder, std::string> source_of(const std::filesystem::path& base,
                                         const std::string& inside) {
  if (inside.empty()) return {Folder(base, "", false), ""};
  const auto slash = inside.rfind('/');
  const auto around = slash == std::string::npos ? "" : inside.substr(0, slash);
  const auto name = inside.substr(slash == std::string::npos ? 0 : slash + 1);
  Folder parent(base, around, false);
  if (parent.has_folder(name)) return {Folder(base, inside, false), ""};
  return {std::move(parent), name};
}

void add_checksums(const Folder& folder, Manifest& manifest, const ProgressSink& sink) {
  Progress progress{Progress::Phase::check, 0, bytes_of(manifest)};
  for (auto& entry : manifest) {
    if (entry.folder) continue;
    entry.sha256 = folder.sha256_of(entry.path, [&](std::string_view bytes) {
      progress.done += bytes.size();
      sink(progress);
    });
  }
}

void send_file(const Folder& folder, const Entry& entry, Pipe& pipe,
               const std::function<void(std::size_t)>& sent) {
  constexpr unsigned plain = 0644;
  constexpr unsigned executable = 0755;
  pipe.write(
      archive::tar_header({entry.path, false, entry.executable ? executable : plain, entry.size}));
  uint64_t left = entry.size;
  folder.read(entry.path, [&](std::string_view bytes) {
    if (bytes.size() > left) throw base::Error({{entry.path, "grew while it was sent", ""}});
    pipe.write(bytes);
    left -= bytes.size();
    sent(bytes.size());
  });
  if (left > 0) throw base::Error({{entry.path, "became shorter while it was sent", ""}});
  pipe.write(archive::tar_padding(entry.size));
}

}  // namespace

Result send(const std::filesystem::path& base, const std::string& inside, Pipe& pipe,
            const ProgressSink& sink) {
  constexpr std::size_t longest_answer = 1000;
  const auto [folder, name] = source_of(base, inside);
  auto manifest = folder.scan(name);
  add_checksums(folder, manifest, sink);
  write_manifest(manifest, pipe);
  LineReader lines(pipe);
  const auto wanted = read_wanted(lines, manifest);
  Result result{0, bytes_of(manifest), wanted.size(), 0};
  for (const auto& entry : manifest) result.files += entry.folder ? 0 : 1;
  for (const auto at : wanted) result.sent_bytes += manifest[at].size;
  Progress progress{Progress::Phase::send, 0, result.sent_bytes};
  for (const auto at : wanted)
    send_file(folder, manifest[at], pipe, [&](std::size_t bytes) {
      progress.done += bytes;
      sink(progress);
    });
  pipe.write(archive::tar_end());
  const auto answer = nlohmann::json::parse(lines.line(longest_answer), nullptr, false);
  if (!answer.is_object() || !answer.contains("received") || answer["received"] != wanted.size())
    throw base::Error(base::ErrorKind::failed, "the other side did not get all files",
                      "run it again: what is there already is not sent again");
  return result;
}

}  // namespace lotse::transfer
