#include "runner/serve/api.h"

#include "base/error.h"
#include "base/strings.h"
#include "runner/device.h"
#include "runner/foreign.h"
#include "runner/serve/multipart.h"
#include "runner/serve/path.h"
#include "runner/serve/tensors.h"

namespace lotse::runner::serve {

using base::Error;
using base::ErrorKind;
using nlohmann::json;

namespace {

constexpr auto version = "1";

Answer json_answer(const json& document) {
  return {200, "application/json", document.dump(-1, ' ', false, json::error_handler_t::replace)};
}

/// A health check: the status says all.
Answer state_answer(bool good) {
  return good ? Answer{200, "application/json", "{}"} : error_answer(503, "not ready");
}

Answer from_error(const Error& error) {
  return error_answer(error.kind() == ErrorKind::invalid ? 400 : 500, error.what());
}

Answer post_only(const std::string& path) {
  auto answer = error_answer(405, path + " takes POST");
  answer.allow = "POST";
  return answer;
}

/// A form's file, or the body as it is.
std::string_view content_of(const Request& request) {
  return is_form(request.content_type) ? only_file(request.body, request.content_type)
                                       : std::string_view(request.body);
}

/// As the protocol describes tensors.
json described(const std::vector<task::TensorSpec>& specs) {
  auto list = json::array();
  for (const auto& one : specs)
    list.push_back(
        {{"name", one.name}, {"datatype", task::type_name(one.type)}, {"shape", one.shape}});
  return list;
}

}  // namespace

Answer error_answer(int status, const std::string& message) {
  // A message may quote the request: bytes that are no UTF-8 are replaced.
  return {status, "application/json",
          json{{"error", message}}.dump(-1, ' ', false, json::error_handler_t::replace)};
}

Api::Api(std::string model_name) : name_(std::move(model_name)) {}

Api::~Api() = default;

void Api::set_service(std::unique_ptr<task::Service> service) {
  auto routes = service->routes();
  const std::lock_guard lock(mutex_);
  offer_ = std::make_shared<Offer>(Offer{std::move(service), std::move(routes)});
}

std::shared_ptr<Api::Offer> Api::offer() const {
  const std::lock_guard lock(mutex_);
  return offer_;
}

bool Api::is_model_path(const std::string& path, const std::string& behind) const {
  const auto base = "/v2/models/" + name_;
  return path == base + behind || path == base + "/versions/" + version + behind;
}

std::function<Answer(const Request&)> Api::work_for(const std::string& path) const {
  const auto loaded = offer();
  const auto not_yet = [](const Request&) {
    return error_answer(503, "the model is not loaded yet");
  };
  if (is_model_path(path, "/infer")) {
    if (!loaded) return not_yet;
    return [this, loaded](const Request& request) { return infer_tensors(*loaded, request); };
  }
  // Which paths a family has is not known before it is.
  if (!loaded && path.starts_with("/v1/")) return not_yet;
  if (!loaded) return {};
  for (const auto& route : loaded->routes) {
    if (route.path == path)
      return [loaded, &route](const Request& request) {
        return json_answer(route.answer(content_of(request)));
      };
  }
  return {};
}

Answer Api::carry_out(const std::function<Answer(const Request&)>& work, const Request& request) {
  try {
    return work(request);
  } catch (const task::OutputError& error) {
    metrics_.wrong_output();
    return error_answer(500, error.what());
  } catch (const Error& error) {
    return from_error(error);
  } catch (const std::exception& error) {
    return error_answer(500, from_foreign(error).what());
  }
}

void Api::handle(Request request, const std::function<void(Answer)>& respond) {
  const auto path = decoded_path(request.target);
  if (!path) {
    respond(error_answer(400, request.target + ": a '%' needs two hexadecimal digits behind it"));
    return;
  }
  const auto work = work_for(*path);
  if (!work) {
    respond(answer_now(request, *path));
    return;
  }
  if (request.method != "POST") {
    respond(post_only(*path));
    return;
  }
  if (!offer()) {
    respond(work(request));
    return;
  }
  auto shared = std::make_shared<Request>(std::move(request));
  const auto task = [this, shared, work, respond] { respond(carry_out(work, *shared)); };
  if (!worker_.post(task)) respond(error_answer(503, "too many requests are waiting"));
}

Answer Api::answer_now(const Request& request, const std::string& path) {
  const bool known = path == "/v2" || path == "/v2/" || path == "/v2/health/live" ||
                     path == "/v2/health/ready" || path == "/metrics" || is_model_path(path, "") ||
                     is_model_path(path, "/ready");
  if (!known) return error_answer(404, "there is no " + path);
  if (request.method != "GET" && request.method != "HEAD") {
    auto answer = error_answer(405, path + " takes GET");
    answer.allow = "GET, HEAD";
    return answer;
  }
  if (path == "/v2/health/live") return state_answer(true);
  if (path == "/v2/health/ready" || is_model_path(path, "/ready")) return state_answer(ready_);
  if (path == "/metrics") return metrics_text();
  if (is_model_path(path, "")) return model_metadata();
  return json_answer({{"name", "lotse-runner"},
                      {"version", "0.1.0"},
                      {"extensions", json::array()},
                      {"models", {name_}}});
}

Answer Api::model_metadata() const {
  const auto loaded = offer();
  if (!loaded) return error_answer(503, "the model is not loaded yet");
  const auto& info = loaded->service->model().info();
  const auto signature = loaded->service->signature();
  json parameters = {{"architecture", info.architecture},
                     {"precision", info.precision},
                     {"device", device_name(info.device)}};
  for (const auto& [name, value] : info.traits) parameters[name] = value;
  parameters.update(info.about);
  return json_answer({{"name", name_},
                      {"versions", {version}},
                      {"platform", "lotse"},
                      {"inputs", described(signature.inputs)},
                      {"outputs", described(signature.outputs)},
                      {"parameters", std::move(parameters)}});
}

Answer Api::metrics_text() const {
  std::map<std::string, std::string> labels;
  if (const auto loaded = offer()) {
    const auto& info = loaded->service->model().info();
    labels = {{"model", name_},
              {"architecture", info.architecture},
              {"precision", info.precision},
              {"device", device_name(info.device)}};
    labels.insert(info.traits.begin(), info.traits.end());
  }
  return {200, "text/plain; version=0.0.4; charset=utf-8", metrics_.text(labels, ready_)};
}

Answer Api::infer_tensors(Offer& offer, const Request& request) const {
  const auto signature = offer.service->signature();
  const auto wanted = parse_infer_request(request.body, signature.inputs);
  const auto outputs = offer.service->answer(wanted.inputs);
  auto list = json::array();
  for (size_t i = 0; i < outputs.size(); ++i)
    list.push_back(tensor_to_json(signature.outputs.at(i).name, outputs[i]));
  json document = {{"model_name", name_}, {"model_version", version}, {"outputs", std::move(list)}};
  if (!wanted.id.empty()) document["id"] = wanted.id;
  return json_answer(document);
}

}  // namespace lotse::runner::serve
