#include "contract/file_reference.h"

#include <algorithm>
#include <cstdlib>

#include "base/error.h"
#include "base/strings.h"
#include "contract/environment.h"

namespace lotse::contract {

namespace {

constexpr std::string_view prefix = "volume:";

bool is_dns_label(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !name.empty() && name.size() <= 63 && name.front() != '-' && name.back() != '-' &&
         std::all_of(name.begin(), name.end(), allowed);
}

/// What the name of a volume claim is: labels with '.' between.
bool is_dns_subdomain(const std::string& name) {
  const auto labels = base::split(name, '.');
  return name.size() <= 253 && std::all_of(labels.begin(), labels.end(), is_dns_label);
}

bool leaves_the_volume(const std::string& path) {
  const auto parts = base::split(path, '/');
  return std::find(parts.begin(), parts.end(), "..") != parts.end() ||
         (!path.empty() && path[0] == '/');
}

}  // namespace

std::optional<VolumePath> parse_volume_path(std::string_view text) {
  if (!text.starts_with(prefix)) return std::nullopt;
  const std::string_view rest = text.substr(prefix.size());
  const size_t slash = rest.find('/');
  VolumePath result{std::string(rest.substr(0, slash)),
                    slash == std::string_view::npos ? "" : std::string(rest.substr(slash + 1))};
  if (!is_dns_subdomain(result.volume) || leaves_the_volume(result.path))
    throw base::Error(
        base::ErrorKind::invalid, "'" + std::string(text) + "' is not volume:NAME/PATH",
        "NAME has lower-case letters, digits, '-' and '.'; PATH stays inside the volume");
  return result;
}

std::filesystem::path resolve_file(std::string_view text) {
  const auto reference = parse_volume_path(text);
  if (!reference) return text;
  const std::string variable = environment::volume_variable(reference->volume);
  const char* folder = std::getenv(variable.c_str());
  if (folder == nullptr)
    throw base::Error(
        base::ErrorKind::invalid, "'" + std::string(text) + "': no such volume here",
        "outside a run of lotse, name a plain path, or set " + variable + " to a folder");
  return std::filesystem::path(folder) / reference->path;
}

}  // namespace lotse::contract
