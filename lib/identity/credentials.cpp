#include "identity/credentials.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/strings.h"
#include "crypto/base64.h"

namespace lotse::identity {

namespace {

/// client-go's transport/token_source.go: a minute less ten seconds.
constexpr auto token_file_life = std::chrono::seconds(50);

/// Refuses control characters, which would end the header and begin another one.
std::string checked(std::string token, const std::string& where) {
  const bool good = std::none_of(token.begin(), token.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == 127;
  });
  if (!good) throw base::Error({{where, "holds control characters", ""}});
  return token;
}

}  // namespace

Credentials::Credentials(const Settings& settings, base::Clock& clock)
    : token_file_(settings.token_file), clock_(clock), files_(settings, clock), ca_(settings.ca) {
  // A YAML block or an echo leaves a line end behind a token.
  if (!settings.token.empty()) fixed_ = "Bearer " + checked(base::trim(settings.token), "token");
  if (!settings.username.empty() || !settings.password.empty())
    fixed_ = "Basic " + crypto::base64_encode(settings.username + ":" + settings.password);
  // As in client-go, a token or a certificate in the file suppresses the plug-in.
  const bool has_other = !fixed_.empty() || !token_file_.empty() || !settings.certificate.empty();
  if (settings.exec && !has_other) plugin_ = ExecSource::shared(settings);
}

bool Credentials::any() const {
  return !fixed_.empty() || !token_file_.empty() || plugin_ != nullptr;
}

/// Reads the token file. If that fails, the token of the last reading stays, or the one beside the
/// file.
void Credentials::read_token_file() {
  read_at_ = clock_.now();
  try {
    const auto text = base::trim(base::read_file(token_file_));
    if (text.empty()) throw base::Error({{token_file_.string(), "holds no token", ""}});
    if (text != std::exchange(token_, checked(text, token_file_.string()))) ++serial_;
  } catch (const base::Error& error) {
    if (token_.empty() && fixed_.empty()) throw;
    base::log_debug(1, error.what());
  }
}

void Credentials::take(const ExecCredential& given) {
  if (!(given_ == given)) ++serial_;
  given_ = given;
}

std::string Credentials::authorization() {
  if (plugin_) {
    take(plugin_->get());
    return given_.token.empty() ? "" : "Bearer " + given_.token;
  }
  if (token_file_.empty()) return fixed_;
  if (read_at_ == base::Clock::Time{} || clock_.now() - read_at_ >= token_file_life)
    read_token_file();
  return token_.empty() ? fixed_ : "Bearer " + token_;
}

std::shared_ptr<const net::TlsIdentity> Credentials::tls() {
  auto from_files = files_.current();
  if (!plugin_) return from_files;
  net::TlsIdentity wanted{from_files ? from_files->ca : ca_, given_.certificate, given_.key};
  const bool same = tls_ ? wanted == *tls_ : wanted == net::TlsIdentity{ca_, "", ""};
  if (!same) tls_ = std::make_shared<const net::TlsIdentity>(std::move(wanted));
  return tls_;
}

bool Credentials::refused(uint64_t serial) {
  if (serial != serial_) return true;
  if (std::exchange(renewed_, true)) return false;
  if (plugin_) {
    take(plugin_->renew(given_));
    return true;
  }
  if (token_file_.empty()) return false;
  read_token_file();
  return serial != serial_;
}

}  // namespace lotse::identity
