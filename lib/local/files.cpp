#include "local/files.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"

namespace lotse::local {

namespace {

using namespace std::chrono_literals;

/// The file may have been removed with its folder between our open and our flock.
bool still_named(int fd, const fs::path& path) {
  struct stat held = {};
  struct stat named = {};
  return ::fstat(fd, &held) == 0 && ::stat(path.c_str(), &named) == 0 &&
         held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

std::string read_proc(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Which of these pods an environment names (HOSTNAME=POD); "" for none.
std::string pod_named_in(const std::string& environment, const std::vector<std::string>& pods) {
  constexpr std::string_view name = "HOSTNAME=";
  for (const auto& line : base::split(environment, '\0'))
    if (line.starts_with(name))
      if (const auto pod = std::find(pods.begin(), pods.end(), line.substr(name.size()));
          pod != pods.end())
        return *pod;
  return "";
}

}  // namespace

std::optional<FileLock> FileLock::take(const fs::path& path, std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return std::nullopt;
    FileLock lock(fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) {
      if (still_named(fd, path)) return lock;
    } else if (std::chrono::steady_clock::now() >= end) {
      return std::nullopt;
    } else {
      std::this_thread::sleep_for(20ms);
    }
  }
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

bool is_locked(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return false;
  // A shared lock: two commands that look at the same time must not see each other.
  const bool locked = ::flock(fd, LOCK_SH | LOCK_NB) != 0;
  ::close(fd);
  return locked;
}

std::optional<json> read_json(const fs::path& path) {
  const auto text = base::read_file_if_there(path);
  if (!text) return std::nullopt;
  try {
    return json::parse(*text);
  } catch (const json::parse_error& error) {
    throw base::Error(base::ErrorKind::failed,
                      base::cat(path.string(), " is damaged at byte ", error.byte),
                      "`lotse delete` removes the workload; claims keep their data");
  }
}

void write_json(const fs::path& path, const json& value) {
  base::write_file_atomic(path, value.dump(1, ' ', false, json::error_handler_t::replace) + "\n",
                          0600);
}

std::vector<std::string> stat_fields(pid_t id) {
  const std::string stat = read_proc("/proc/" + std::to_string(id) + "/stat");
  const size_t name_end = stat.rfind(')');  // the name may hold spaces and brackets
  if (name_end == std::string::npos) return {};
  auto fields = base::split(base::trim(stat.substr(name_end + 1)), ' ');
  if (fields[0] == "Z") fields.clear();
  return fields;
}

std::optional<uint64_t> process_start_time(pid_t id) {
  constexpr size_t start_time = 19;
  const auto fields = stat_fields(id);
  if (fields.size() <= start_time) return std::nullopt;
  return std::stoull(fields[start_time]);
}

std::map<pid_t, std::string> processes_of(const std::vector<std::string>& pods) {
  std::map<pid_t, std::string> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    auto pod = pod_named_in(read_proc(entry.path() / "environ"), pods);
    if (!pod.empty()) found.emplace(std::stoi(name), std::move(pod));
  }
  return found;
}

void kill_leftovers(const std::vector<std::string>& pods) {
  if (pods.empty()) return;
  const auto end = std::chrono::steady_clock::now() + 5s;
  for (auto found = processes_of(pods); !found.empty() && std::chrono::steady_clock::now() < end;
       found = processes_of(pods)) {
    for (const auto& [id, pod] : found) ::kill(id, SIGKILL);
    std::this_thread::sleep_for(10ms);
  }
}

}  // namespace lotse::local
