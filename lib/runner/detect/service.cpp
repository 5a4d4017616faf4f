#include "runner/detect/service.h"

namespace lotse::runner::detect {

namespace {

constexpr int64_t served_rows = 300;

torch::Tensor to_rows(const std::vector<std::vector<Detection>>& found) {
  auto tensor = torch::zeros({static_cast<int64_t>(found.size()), served_rows, 6});
  for (size_t i = 0; i < found.size(); ++i) {
    float* into = tensor[static_cast<int64_t>(i)].data_ptr<float>();
    for (size_t k = 0; k < found[i].size() && k < served_rows; ++k) {
      const auto& one = found[i][k];
      into = std::copy(one.box.begin(), one.box.end(), into);
      *into++ = one.confidence;
      *into++ = static_cast<float>(one.class_id);
    }
  }
  return tensor;
}

}  // namespace

BoxService::BoxService(std::unique_ptr<task::Model> model, const Selection& selection)
    : Service(std::move(model)),
      detector_(task::own<DetectModel>(this->model())),
      selection_(selection),
      predictor_(detector_, selection) {}

task::Signature BoxService::signature() const {
  auto signature = detector_.signature();
  signature.outputs = {
      {"detections", "NKV", {-1, served_rows, 6}, "x1 y1 x2 y2 score class, zeros behind"}};
  return signature;
}

task::Tensors BoxService::answer(const task::Tensors& inputs) {
  auto selection = selection_;
  // The one-to-one head's rows as they are: who asks with tensors sets the threshold.
  if (detector_.head() == Heads::one_to_one)
    selection = {0, selection_.iou, served_rows, {}, false};
  return {to_rows(detector_.detect(inputs.at(0), selection))};
}

std::vector<task::Route> BoxService::routes() {
  return {task::picture_route("/v1/detect", predictor_)};
}

Selection selection_of(const contract::DetectOptions& options) {
  return {options.conf, options.iou, options.max_det, {}, false};
}

}  // namespace lotse::runner::detect
