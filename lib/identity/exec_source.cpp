#include "identity/exec_source.h"

#include <map>

namespace lotse::identity {

ExecSource::ExecSource(Settings settings)
    : settings_(std::move(settings)),
      cache_(settings_.exec_options.cache, exec_cache_key(settings_)) {}

std::shared_ptr<ExecSource> ExecSource::shared(const Settings& settings) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<ExecSource>> sources;
  const std::lock_guard lock(mutex);
  auto& source = sources[exec_cache_key(settings)];
  if (!source) source = std::make_shared<ExecSource>(settings);
  return source;
}

bool ExecSource::is_good(const ExecCredential& credential) const {
  return !credential.expires || settings_.exec_options.now() < *credential.expires;
}

ExecCredential ExecSource::get() {
  const std::lock_guard lock(mutex_);
  if (!current_ || !is_good(*current_)) current_ = obtain({});
  return *current_;
}

ExecCredential ExecSource::renew(const ExecCredential& refused) {
  const std::lock_guard lock(mutex_);
  if (!current_ || *current_ == refused) current_ = obtain(refused);
  return *current_;
}

/// The credential that another program has kept, or the one that the plug-in prints.
ExecCredential ExecSource::obtain(const std::optional<ExecCredential>& refused) {
  const auto kept = [&]() -> std::optional<ExecCredential> {
    auto found = cache_.read(settings_.exec_options.now());
    if (found && refused && *found == *refused) return {};
    return found;
  };
  if (auto found = kept()) return *found;
  const auto lock = cache_.lock(settings_.exec_options.timeout);
  if (auto found = kept()) return *found;
  auto credential = run_exec_plugin(settings_);
  cache_.write(credential);
  return credential;
}

}  // namespace lotse::identity
