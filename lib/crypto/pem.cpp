#include "crypto/pem.h"

#include <algorithm>

namespace lotse::crypto {

std::vector<std::string> pem_labels(std::string_view text) {
  static constexpr std::string_view begin = "-----BEGIN ", dashes = "-----";
  std::vector<std::string> labels;
  size_t at = 0;
  while ((at = text.find(begin, at)) != std::string_view::npos) {
    at += begin.size();
    const size_t end = text.find(dashes, at);
    if (end == std::string_view::npos) break;
    const std::string label(text.substr(at, end - at));
    const std::string last_line = "-----END " + label + "-----";
    const size_t after = text.find(last_line, end);
    if (after == std::string_view::npos) continue;
    labels.push_back(label);
    at = after + last_line.size();
  }
  return labels;
}

bool has_certificate(std::string_view pem) {
  const auto labels = pem_labels(pem);
  return std::any_of(labels.begin(), labels.end(), [](const std::string& label) {
    return label == "CERTIFICATE" || label == "TRUSTED CERTIFICATE";
  });
}

bool has_encrypted_key(std::string_view pem) {
  const auto labels = pem_labels(pem);
  return std::find(labels.begin(), labels.end(), "ENCRYPTED PRIVATE KEY") != labels.end() ||
         (has_private_key(pem) && pem.find("\nProc-Type: 4,ENCRYPTED") != std::string_view::npos);
}

bool has_private_key(std::string_view pem) {
  const auto labels = pem_labels(pem);
  return std::any_of(labels.begin(), labels.end(),
                     [](const std::string& label) { return label.ends_with("PRIVATE KEY"); });
}

}  // namespace lotse::crypto
