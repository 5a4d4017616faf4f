#include "runner/serve/metrics.h"

#include <algorithm>
#include <sstream>

namespace lotse::runner::serve {

namespace {

/// Backslash, quote and newline are escaped in label values.
std::string quoted(const std::string& value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + "\"";
}

void head(std::ostream& out, const char* name, const char* type, const char* help) {
  out << "# HELP " << name << " " << help << "\n# TYPE " << name << " " << type << "\n";
}

}  // namespace

Metrics::Metrics() : since_(std::chrono::steady_clock::now()) {}

void Metrics::started() {
  const std::lock_guard lock(mutex_);
  ++in_flight_;
}

void Metrics::finished(int status, double seconds) {
  const std::lock_guard lock(mutex_);
  --in_flight_;
  ++by_status_[status];
  seconds_ += seconds;
  ++buckets_[static_cast<size_t>(std::lower_bound(bounds.begin(), bounds.end(), seconds) -
                                 bounds.begin())];
}

void Metrics::wrong_output() {
  const std::lock_guard lock(mutex_);
  ++wrong_outputs_;
}

std::string Metrics::text(const std::map<std::string, std::string>& info, bool ready) const {
  const std::lock_guard lock(mutex_);
  std::ostringstream out;
  head(out, "lotse_requests_total", "counter", "Answered requests by HTTP status.");
  for (const auto& [status, count] : by_status_)
    out << "lotse_requests_total{code=\"" << status << "\"} " << count << "\n";
  head(out, "lotse_requests_in_flight", "gauge", "Requests being worked on.");
  out << "lotse_requests_in_flight " << in_flight_ << "\n";
  head(out, "lotse_request_seconds", "histogram", "From the whole request to its answer.");
  uint64_t total = 0;
  for (size_t i = 0; i < bounds.size(); ++i) {
    total += buckets_[i];
    out << "lotse_request_seconds_bucket{le=\"" << bounds[i] << "\"} " << total << "\n";
  }
  total += buckets_.back();
  out << "lotse_request_seconds_bucket{le=\"+Inf\"} " << total << "\n"
      << "lotse_request_seconds_sum " << seconds_ << "\n"
      << "lotse_request_seconds_count " << total << "\n";
  head(out, "lotse_wrong_outputs_total", "counter",
       "Requests answered 500 because the model's output cannot be detections.");
  out << "lotse_wrong_outputs_total " << wrong_outputs_ << "\n";
  head(out, "lotse_ready", "gauge", "1 while the server takes new work.");
  out << "lotse_ready " << (ready ? 1 : 0) << "\n";
  if (!info.empty()) {
    head(out, "lotse_model_info", "gauge", "What is served, in its labels.");
    out << "lotse_model_info{";
    const char* comma = "";
    for (const auto& [label, value] : info) {
      out << comma << label << "=" << quoted(value);
      comma = ",";
    }
    out << "} 1\n";
  }
  head(out, "lotse_uptime_seconds", "gauge", "Since the process began to listen.");
  const std::chrono::duration<double> up = std::chrono::steady_clock::now() - since_;
  out << "lotse_uptime_seconds " << up.count() << "\n";
  return out.str();
}

}  // namespace lotse::runner::serve
