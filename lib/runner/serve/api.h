#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "runner/serve/metrics.h"
#include "runner/serve/worker.h"
#include "runner/task/service.h"

namespace lotse::runner::serve {

/// Requests and responses as plain values, so that a test needs no socket.
struct Request {
  std::string method;
  std::string target;
  std::string content_type;
  std::string body;
};

struct Answer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::string allow = {};  ///< the Allow header of 405
};

/// An error as the Open Inference Protocol wants it: {"error": MESSAGE}.
Answer error_answer(int status, const std::string& message);

/// The paths: Open Inference Protocol v2 (server and model metadata, live, ready, infer with JSON
/// tensors), those of the model's family (POST /v1/detect), GET /metrics. The network runs on one
/// thread of its own; everything else is answered at once. Thread-safe.
class Api {
 public:
  explicit Api(std::string model_name);
  ~Api();

  /// Hands over the model, which must be warmed up.
  void set_service(std::unique_ptr<task::Service> service);
  /// Readiness as /v2/health/ready says it; false while draining, though requests are answered.
  void set_ready(bool ready) { ready_ = ready; }
  bool ready() const { return ready_; }

  /// Calls `respond` once, at once or later from the network's thread.
  void handle(Request request, const std::function<void(Answer)>& respond);
  /// Drops the requests that wait for the network, which get no answer, and returns when it is
  /// idle.
  void end() { worker_.end(); }
  Metrics& metrics() { return metrics_; }

 private:
  /// The service and its own paths.
  struct Offer {
    std::unique_ptr<task::Service> service;
    std::vector<task::Route> routes;
  };
  /// What is to be done on the network's thread; nothing where the path is another's.
  std::function<Answer(const Request&)> work_for(const std::string& path) const;
  Answer carry_out(const std::function<Answer(const Request&)>& work, const Request& request);
  Answer answer_now(const Request& request, const std::string& path);
  Answer infer_tensors(Offer& offer, const Request& request) const;
  Answer model_metadata() const;
  Answer metrics_text() const;
  std::shared_ptr<Offer> offer() const;
  bool is_model_path(const std::string& path, const std::string& behind) const;

  std::string name_;
  mutable std::mutex mutex_;
  std::shared_ptr<Offer> offer_;
  std::atomic<bool> ready_ = false;
  Metrics metrics_;
  Worker worker_;  // declared last so that it ends first, while what its tasks use is still there
};

}  // namespace lotse::runner::serve
