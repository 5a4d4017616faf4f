#include "runner/serve/api.h"

#include "base/error.h"
#include "base/strings.h"
#include "runner/detect/report.h"
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
constexpr int64_t rows = 300;

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

/// N x rows x 6: x1 y1 x2 y2 score class, strongest first, zeros behind.
torch::Tensor to_tensor(const std::vector<std::vector<detect::Detection>>& found) {
  auto tensor = torch::zeros({static_cast<int64_t>(found.size()), rows, 6});
  for (size_t i = 0; i < found.size(); ++i) {
    float* into = tensor[static_cast<int64_t>(i)].data_ptr<float>();
    for (size_t k = 0; k < found[i].size() && k < rows; ++k) {
      const auto& one = found[i][k];
      into = std::copy(one.box.begin(), one.box.end(), into);
      *into++ = one.confidence;
      *into++ = static_cast<float>(one.class_id);
    }
  }
  return tensor;
}

}  // namespace

Answer error_answer(int status, const std::string& message) {
  // A message may quote the request: bytes that are no UTF-8 are replaced.
  return {status, "application/json",
          json{{"error", message}}.dump(-1, ' ', false, json::error_handler_t::replace)};
}

Api::Api(std::string model_name, detect::Selection selection)
    : name_(std::move(model_name)), selection_(std::move(selection)) {}

Api::~Api() = default;

void Api::set_engine(std::unique_ptr<infer::Engine> engine) {
  const std::lock_guard lock(mutex_);
  engine_ = std::move(engine);
}

std::shared_ptr<infer::Engine> Api::engine() const {
  const std::lock_guard lock(mutex_);
  return engine_;
}

bool Api::is_model_path(const std::string& path, const std::string& behind) const {
  const auto base = "/v2/models/" + name_;
  return path == base + behind || path == base + "/versions/" + version + behind;
}

void Api::handle(Request request, const std::function<void(Answer)>& respond) {
  const auto decoded = decoded_path(request.target);
  if (!decoded) {
    respond(error_answer(400, request.target + ": a '%' needs two hexadecimal digits behind it"));
    return;
  }
  const std::string& path = *decoded;
  const bool pictures = path == "/v1/detect";
  const bool tensors = is_model_path(path, "/infer");
  if (!pictures && !tensors) {
    respond(answer_now(request, path));
    return;
  }
  if (request.method != "POST") {
    auto answer = error_answer(405, path + " takes POST");
    answer.allow = "POST";
    respond(std::move(answer));
    return;
  }
  if (!engine()) {
    respond(error_answer(503, "the model is not loaded yet"));
    return;
  }
  auto shared = std::make_shared<Request>(std::move(request));
  const auto task = [this, shared, pictures, respond] {
    Answer answer;
    try {
      answer = pictures ? detect(*shared) : infer_tensors(*shared);
    } catch (const infer::OutputError& error) {
      metrics_.wrong_output();
      answer = error_answer(500, error.what());
    } catch (const Error& error) {
      answer = from_error(error);
    } catch (const std::exception& error) {
      answer = error_answer(500, from_foreign(error).what());
    }
    respond(std::move(answer));
  };
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
  const auto loaded = engine();
  if (!loaded) return error_answer(503, "the model is not loaded yet");
  const auto& info = loaded->info();
  const int64_t side = info.exported ? info.imgsz : -1;
  return json_answer(
      {{"name", name_},
       {"versions", {version}},
       {"platform", "lotse"},
       {"inputs", {{{"name", "images"}, {"datatype", "FP32"}, {"shape", {-1, 3, side, side}}}}},
       {"outputs", {{{"name", "detections"}, {"datatype", "FP32"}, {"shape", {-1, rows, 6}}}}},
       {"parameters",
        {{"architecture", info.architecture},
         {"head", info.head},
         {"precision", info.precision},
         {"device", info.device},
         {"imgsz", info.imgsz},
         {"names", info.names}}}});
}

Answer Api::metrics_text() const {
  std::map<std::string, std::string> labels;
  if (const auto loaded = engine()) {
    const auto& info = loaded->info();
    labels = {{"model", name_},
              {"architecture", info.architecture},
              {"head", info.head},
              {"precision", info.precision},
              {"device", info.device}};
  }
  return {200, "text/plain; version=0.0.4; charset=utf-8", metrics_.text(labels, ready_)};
}

Answer Api::detect(const Request& request) {
  const bool form = is_form(request.content_type);
  const auto picture = media::decode_image(
      form ? only_file(request.body, request.content_type) : std::string_view(request.body),
      "picture");
  const auto loaded = engine();
  infer::Predictor predictor(*loaded, selection_);
  const auto found = predictor.predict({&picture}).at(0);
  return json_answer({{"width", picture.width},
                      {"height", picture.height},
                      {"detections", detect::to_json(found, loaded->info().names)}});
}

Answer Api::infer_tensors(const Request& request) {
  const auto loaded = engine();
  const auto& info = loaded->info();
  const auto wanted = parse_infer_request(request.body, info.exported ? info.imgsz : 0);
  auto all = selection_;
  // The one-to-one head's rows as they are: who asks with tensors sets the threshold.
  if (info.head == "o2o") all = {0, all.iou, rows, {}, false};
  const auto found = loaded->detect(wanted.images, all);
  json document = {{"model_name", name_},
                   {"model_version", version},
                   {"outputs", {tensor_to_json("detections", to_tensor(found))}}};
  if (!wanted.id.empty()) document["id"] = wanted.id;
  return json_answer(document);
}

}  // namespace lotse::runner::serve
