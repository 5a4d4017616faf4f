#include <chrono>
#include <cstdlib>
#include <future>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "cli/runner/families.h"
#include "cli/runner/modes.h"
#include "cli/runner/start.h"
#include "contract/environment.h"
#include "contract/exit_code.h"
#include "contract/file_reference.h"
#include "runner/device.h"
#include "runner/infer/open.h"
#include "runner/serve/server.h"

namespace lotse::cli::runner {

namespace {

namespace infer = lotse::runner::infer;
namespace serve = lotse::runner::serve;
namespace task = lotse::runner::task;
using contract::ServeOptions;

/// LOTSE_PORT_HTTP overrides the option, because whoever runs this process knows which port is free
/// for it.
uint16_t choose_port(const ServeOptions& options) {
  const auto variable = contract::environment::port_variable("http");
  const char* set = std::getenv(variable.c_str());
  if (set == nullptr || *set == '\0') return static_cast<uint16_t>(options.port);
  char* end = nullptr;
  const long port = std::strtol(set, &end, 10);
  if (*end != '\0' || port < 0 || port > 65535)
    throw base::Error({{variable, "'" + std::string(set) + "' is no port", ""}});
  return static_cast<uint16_t>(port);
}

/// An IPv6 address stands in brackets, and the '%' before its zone is escaped (RFC 6874).
std::string url(const std::string& host, uint16_t port) {
  const bool any = host == "0.0.0.0" || host == "::";
  if (any) return base::cat("http://127.0.0.1:", port);
  if (host.find(':') == std::string::npos) return base::cat("http://", host, ":", port);
  return base::cat("http://[", base::replace_all(host, "%", "%25"), "]:", port);
}

/// Ready, and warm: the first request does not pay first-call costs.
std::unique_ptr<task::Service> load(const ServeOptions& options) {
  auto opened = infer::open_model(families(), options);
  contract::check_task(options, opened.family.task());
  auto service = opened.family.make_service(std::move(opened.model), options);
  const auto inputs = service->model().example(1, 0);
  for (int i = 0; i < 2; ++i) service->answer(inputs);
  return service;
}

void print_ready(const ServeOptions& options, const task::ModelInfo& info, uint16_t port,
                 Output& output) {
  const auto at = url(options.host, port);
  output.print({"ready",
                base::cat("ready at ", at, " (", options.name, ": ", what_runs(info), " on ",
                          lotse::runner::device_name(info.device), ")"),
                {{"url", at}, {"model", options.name}, {"port", port}}});
}

/// Answers on for a while though no longer ready: whoever sends us requests must hear of it first.
int drain(const ServeOptions& options, serve::Api& api, serve::Server& server, Output& output) {
  api.set_ready(false);
  server.drain();
  output.print({"warning", "asked to stop; finishing what is in flight", {}});
  const auto until =
      std::chrono::steady_clock::now() + std::chrono::duration<double>(options.drain_seconds);
  while (std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const bool answered = server.stop(30);
  output.print({"result", answered ? "stopped" : "stopped with requests unanswered", {}});
  return answered ? contract::exit_done : contract::exit_failed;
}

}  // namespace

int run_serve(const ServeOptions& options, Output& output) {
  const uint16_t wanted_port = choose_port(options);
  lotse::runner::set_threads(options.threads);
  serve::Api api(options.name);
  serve::ServerLimits limits;
  limits.idle_seconds = options.idle_seconds;
  serve::Server server(api, options.host, wanted_port, limits);
  // The model loads beside us, so that a signal ends us at once: nothing is in flight yet.
  auto loading = std::async(std::launch::async, [&options] { return load(options); });
  while (loading.wait_for(std::chrono::milliseconds(5)) != std::future_status::ready) {
    if (base::interrupted()) {
      output.print({"result", "stopped while loading", {}});
      std::_Exit(contract::exit_done);
    }
  }
  auto service = loading.get();
  const auto info = service->model().info();
  api.set_service(std::move(service));
  api.set_ready(true);
  print_warnings(info, output);
  print_ready(options, info, server.port(), output);
  while (!base::wait_interruptible(std::chrono::hours(24))) {
  }
  return drain(options, api, server, output);
}

}  // namespace lotse::cli::runner
