#include "identity/tls_files.h"

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "crypto/certificate.h"
#include "crypto/pem.h"

namespace lotse::identity {

namespace {

constexpr auto life = std::chrono::seconds(60);

std::string content(const std::filesystem::path& file, const std::string& standard) {
  if (file.empty()) return standard;
  try {
    return base::read_file(file);
  } catch (const base::Error& error) {
    base::log_debug(1, error.what());
    return standard;
  }
}

}  // namespace

TlsFiles::TlsFiles(const Settings& settings, base::Clock& clock)
    : ca_file_(settings.ca_file),
      certificate_file_(settings.certificate_file),
      key_file_(settings.key_file),
      known_{settings.ca, settings.certificate, settings.key},
      clock_(clock),
      looked_(clock.now()) {}

std::shared_ptr<const net::TlsIdentity> TlsFiles::current() {
  const bool any = !ca_file_.empty() || !certificate_file_.empty() || !key_file_.empty();
  if (any && clock_.now() - looked_ >= life) read_again();
  return changed_;
}

void TlsFiles::read_again() {
  looked_ = clock_.now();
  net::TlsIdentity found = known_;
  if (auto ca = content(ca_file_, known_.ca); crypto::has_certificate(ca)) found.ca = ca;
  const auto certificate = content(certificate_file_, known_.certificate);
  const auto key = content(key_file_, known_.key);
  if (crypto::is_key_of(certificate, key)) {
    found.certificate = certificate;
    found.key = key;
  }
  if (found == known_) return;
  known_ = found;
  changed_ = std::make_shared<const net::TlsIdentity>(std::move(found));
  base::log_debug(1, "the certificates of the kubeconfig have changed");
}

}  // namespace lotse::identity
