#include "kube/credentials.h"

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "crypto/base64.h"

namespace lotse::kube {

namespace {
constexpr auto token_file_life = std::chrono::seconds(60);

/// A control character would end the header and begin another one.
std::string checked(std::string token, const std::string& where) {
  const bool good = std::none_of(token.begin(), token.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == 127;
  });
  if (!good) throw base::Error({{where, "holds control characters", ""}});
  return token;
}

}  // namespace

Credentials::Credentials(const Settings& settings, base::Clock& clock)
    : token_file_(settings.token_file), clock_(clock) {
  // A YAML block or an echo leaves a line end behind a token.
  if (!settings.token.empty()) fixed_ = "Bearer " + checked(base::trim(settings.token), "token");
  if (!settings.username.empty())
    fixed_ = "Basic " + crypto::base64_encode(settings.username + ":" + settings.password);
  // As in client-go, a token or a certificate in the file suppresses the plug-in.
  const bool has_other = !fixed_.empty() || !token_file_.empty() || !settings.certificate.empty();
  if (settings.exec && !has_other)
    throw base::Error(
        {{"users: exec",
          "credential plug-ins (" + settings.exec->value("command", "") + ") are not supported yet",
          "put a token into a kubeconfig of its own: kubectl create token ..."}});
}

void Credentials::read_token_file() {
  const auto text = base::read_file_if_there(token_file_);
  read_at_ = clock_.now();
  if (text && !base::trim(*text).empty()) token_ = checked(base::trim(*text), token_file_.string());
  if (token_.empty()) throw base::Error({{token_file_.string(), "holds no token", ""}});
}

std::string Credentials::authorization() {
  if (token_file_.empty()) return fixed_;
  if (token_.empty() || clock_.now() - read_at_ >= token_file_life) read_token_file();
  return "Bearer " + token_;
}

bool Credentials::refused() {
  if (token_file_.empty()) return false;
  const auto before = token_;
  read_token_file();
  return token_ != before;
}

}  // namespace lotse::kube
