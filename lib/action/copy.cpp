#include "action/copy.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <thread>

#include "action/exec_pipe.h"
#include "base/error.h"
#include "base/strings.h"
#include "contract/file_reference.h"
#include "local/local.h"
#include "object/member.h"
#include "object/reference.h"
#include "transfer/folder.h"

namespace lotse::action {

namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using transfer::DescriptorPipe;
using transfer::Result;

/// A place in a volume: of a claim, or of a folder of this machine.
struct Place {
  std::string volume;
  std::string path;
};

std::string without_slash_at_the_end(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  return path;
}

Place volume_place(const std::string& text) {
  const auto reference = contract::parse_volume_path(text);
  if (reference) return {reference->volume, without_slash_at_the_end(reference->path)};
  throw Error(ErrorKind::invalid, "'" + text + "' is not volume:NAME/PATH",
              "NAME is that of a volume claim");
}

/// The folder to read and what is meant in it: a file's own folder, or a folder as it is.
std::pair<fs::path, std::string> local_source(const fs::path& given) {
  const auto path = fs::absolute(given).lexically_normal();
  if (fs::is_directory(path)) return {path, ""};
  if (!fs::exists(path))
    throw Error(ErrorKind::invalid, "there is no '" + given.string() + "' on this machine");
  return {path.parent_path(), path.filename().string()};
}

const object::Kind& claims() {
  return *object::find_kind("v1", "PersistentVolumeClaim");
}

json claim_manifest(const std::string& name, const CopyOptions& options) {
  return {{"apiVersion", "v1"},
          {"kind", "PersistentVolumeClaim"},
          {"metadata",
           {{"name", name}, {"labels", {{workload::label_managed_by, workload::managed_by}}}}},
          {"spec",
           {{"accessModes", {options.shared ? "ReadWriteMany" : "ReadWriteOnce"}},
            {"resources", {{"requests", {{"storage", options.size}}}}}}}};
}

[[noreturn]] void no_claim(const std::string& name, const char* hint) {
  throw Error(ErrorKind::not_found, "there is no volume claim '" + name + "'", hint);
}

constexpr auto hint_for_push = "--size 10Gi makes one";

/// True if it was made.
bool ensure_claim(kube::Client& client, const std::string& name, const CopyOptions& options) {
  if (client.find(claims(), name)) return false;
  if (options.size.empty()) no_claim(name, hint_for_push);
  client.apply(claim_manifest(name, options));
  return true;
}

using Work = std::function<Result(transfer::Pipe&, const transfer::ProgressSink&)>;

/// Runs `lotse-runner files MODE` in the helper pod and does `work` with its streams.
Result in_helper(Cluster& cluster, const HelperWish& wish, const char* mode,
                 const std::string& path, const CopySinks& sinks, const Work& work) {
  sinks.note("starting a helper pod for the claim " + wish.claim);
  const HelperPod pod(cluster, wish,
                      [&](const std::string& reason) { sinks.note("waiting: " + reason); });
  kube::ExecRequest request;
  request.pod = pod.name();
  request.command = {"/bin/lotse-runner", "files", mode, helper_folder};
  if (!path.empty()) request.command.push_back(path);
  request.input = true;
  kube::Exec command(cluster.client(), request);
  ExecPipe pipe(command);
  const auto result = work(pipe, [&](const transfer::Progress& progress) {
    pipe.tend();  // checksums take long, and nobody between may take us for dead
    sinks.progress(progress);
  });
  command.end_input();
  pipe.finish();
  return result;
}

/// Both sides on this machine, over a pair of sockets: the same protocol and the same checks.
Result copy_here(const std::function<Result(transfer::Pipe&)>& send,
                 const std::function<Result(transfer::Pipe&)>& receive) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw Error(ErrorKind::failed, "no sockets on this machine");
  const transfer::Descriptor here(ends[0]);
  const transfer::Descriptor there(ends[1]);
  std::exception_ptr failure;
  std::thread sender([&] {
    try {
      DescriptorPipe pipe(there.get(), there.get());
      send(pipe);
    } catch (...) {
      failure = std::current_exception();
    }
    ::shutdown(there.get(), SHUT_RDWR);
  });
  Result result;
  std::exception_ptr own;
  try {
    DescriptorPipe pipe(here.get(), here.get());
    result = receive(pipe);
  } catch (...) {
    own = std::current_exception();
  }
  ::shutdown(here.get(), SHUT_RDWR);
  sender.join();
  // A side that fails takes the other one along: what the sender says is the cause, unless all it
  // knows is that the receiver is gone.
  const auto is_cause = [](const std::exception_ptr& thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const Error& error) {
      return error.kind() == ErrorKind::invalid || error.kind() == ErrorKind::interrupted;
    } catch (...) {
    }
    return false;
  };
  if (failure && (is_cause(failure) || !own)) std::rethrow_exception(failure);
  if (own) std::rethrow_exception(own);
  return result;
}

HelperWish helper_wish(const CopyOptions& options, const std::string& claim, bool read_only) {
  return {claim, read_only, options.image, options.image_pull_policy};
}

Result push_to_cluster(Cluster& cluster, const CopyOptions& options, const Place& to,
                       const CopySinks& sinks) {
  const auto [base, inside] = local_source(options.folder);
  return in_helper(cluster, helper_wish(options, to.volume, false), "receive", to.path, sinks,
                   [&base = base, &inside = inside](auto& pipe, const auto& progress) {
                     return transfer::send(base, inside, pipe, progress);
                   });
}

Result fetch_from_cluster(Cluster& cluster, const CopyOptions& options, const Place& from,
                          const CopySinks& sinks) {
  if (!cluster.client().find(claims(), from.volume))
    no_claim(from.volume, "`kubectl get pvc` shows those that there are");
  return in_helper(cluster, helper_wish(options, from.volume, true), "send", from.path, sinks,
                   [&](auto& pipe, const auto& progress) {
                     return transfer::receive(options.folder, "", pipe, progress);
                   });
}

Result copy_between(const fs::path& from, const std::string& what, const fs::path& to,
                    const std::string& inside, const CopySinks& sinks) {
  const transfer::ProgressSink silent = [](const transfer::Progress&) {};
  return copy_here(
      [&](transfer::Pipe& pipe) { return transfer::send(from, what, pipe, silent); },
      [&](transfer::Pipe& pipe) { return transfer::receive(to, inside, pipe, sinks.progress); });
}

/// The claim of the workload that its outputs are on. A workload's claims outlive it, so they are
/// looked for by their label.
std::string output_claim(kube::Client& client, const std::string& workload) {
  std::vector<std::string> names;
  const kube::Selector ours{std::string(workload::label_workload) + "=" + workload, ""};
  for (const auto& claim : client.list(claims(), ours).items)
    names.push_back(object::name_of(claim));
  if (names.size() == 1) return names[0];
  auto usual = workload + "-output";
  if (std::find(names.begin(), names.end(), usual) != names.end()) return usual;
  throw Error(
      ErrorKind::not_found,
      "'" + workload + "' has " +
          (names.empty() ? "no volume claim of its own" : "the claims " + base::join(names, ", ")),
      "name the claim: volume:CLAIM/PATH");
}

/// The local folder that the workload writes to: the first volume of its pods that is mounted to
/// be written, its own temporary files apart.
fs::path output_folder(Target& target, const std::string& workload, const local::Store& store) {
  for (const auto& object : target.snapshot(workload)) {
    const auto& spec = object::at(object, {"spec", "template", "spec"});
    for (const auto& volume : object::at(spec, {"volumes"})) {
      const auto name = object::text_at(volume, {"name"});
      for (const auto& container : object::at(spec, {"containers"}))
        for (const auto& mount : object::at(container, {"volumeMounts"})) {
          const auto& read_only = object::at(mount, {"readOnly"});
          if (object::text_at(mount, {"name"}) != name || read_only == true) continue;
          const auto claim = object::text_at(volume, {"persistentVolumeClaim", "claimName"});
          if (!claim.empty()) return store.claim_folder(claim);
          const auto path = object::text_at(volume, {"hostPath", "path"});
          if (!path.empty()) return path;
        }
    }
  }
  throw Error(ErrorKind::not_found, "'" + workload + "' writes to no volume",
              "name one: volume:NAME/PATH");
}

/// "WORKLOAD[:PATH]".
std::pair<std::string, std::string> workload_place(const std::string& text) {
  const auto colon = text.find(':');
  const auto path = colon == std::string::npos ? "" : text.substr(colon + 1);
  return {text.substr(0, colon), without_slash_at_the_end(path)};
}

}  // namespace

Copied push(Target& target, const CopyOptions& options, const CopySinks& sinks) {
  const auto to = volume_place(options.place);
  if (Cluster* cluster = target.cluster()) {
    local_source(options.folder);  // before anything is made
    const bool created = ensure_claim(cluster->client(), to.volume, options);
    return {push_to_cluster(*cluster, options, to, sinks), to.volume, to.path, created};
  }
  const auto [base, inside] = local_source(options.folder);
  const auto folder = local::Store().claim_folder(to.volume);
  const bool created = !fs::is_directory(folder);
  if (created && options.size.empty()) no_claim(to.volume, hint_for_push);
  return {copy_between(base, inside, folder, to.path, sinks), folder.string(), to.path, created};
}

Copied fetch(Target& target, const CopyOptions& options, const CopySinks& sinks) {
  const bool by_volume = options.place.starts_with("volume:");
  const auto [workload, path] = workload_place(options.place);
  if (Cluster* cluster = target.cluster()) {
    const auto from = by_volume ? volume_place(options.place)
                                : Place{output_claim(cluster->client(), workload), path};
    return {fetch_from_cluster(*cluster, options, from, sinks), from.volume, from.path, false};
  }
  const local::Store store;
  const auto place = by_volume ? volume_place(options.place) : Place{"", path};
  const auto folder =
      by_volume ? store.claim_folder(place.volume) : output_folder(target, workload, store);
  if (!fs::is_directory(folder)) no_claim(place.volume, "no local workload has made it");
  return {copy_between(folder, place.path, options.folder, "", sinks), folder.string(), place.path,
          false};
}

}  // namespace lotse::action
