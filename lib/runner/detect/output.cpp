#include "runner/detect/output.h"

#include "base/error.h"
#include "base/strings.h"
#include "runner/task/model.h"

namespace lotse::runner::detect {

using task::OutputError;
using torch::Tensor;

namespace {

/// xyxy as centre and size, the field's form for raw outputs.
Tensor to_centres(const Tensor& boxes) {
  const auto from = boxes.slice(-1, 0, 2);
  const auto to = boxes.slice(-1, 2, 4);
  return torch::cat({(from + to) / 2, to - from}, -1);
}

Tensor to_corners(const Tensor& boxes) {
  const auto centre = boxes.slice(-1, 0, 2);
  const auto half = boxes.slice(-1, 2, 4) / 2;
  return torch::cat({centre - half, centre + half}, -1);
}

void check_range(const Tensor& values, double low, double high, const char* what) {
  if (values.numel() == 0) return;
  const auto [least, most] = torch::aminmax(values);
  // A NaN is neither.
  if (!(least.item<double>() >= low && most.item<double>() <= high))
    throw OutputError(base::cat(what, " reach from ", least.item<double>(), " to ",
                                most.item<double>(), ", not ", low, " to ", high));
}

void check_boxes(const Tensor& boxes) {
  if (!torch::isfinite(boxes).all().item<bool>()) throw OutputError("boxes are not finite");
}

}  // namespace

const char* to_text(Heads head) {
  return head == Heads::one_to_one ? "o2o" : "o2m";
}

Heads choose_head(const std::string& wanted, const Detector& detector) {
  if (wanted == "o2o" && !detector.end_to_end())
    throw base::Error(base::ErrorKind::invalid,
                      detector.architecture().name + " has no one-to-one head", "Take --head o2m.");
  const bool one = wanted == "auto" ? detector.end_to_end() : wanted == "o2o";
  return one ? Heads::one_to_one : Heads::one_to_many;
}

Tensor output_of(Detector& detector, const Tensor& images, Heads head) {
  const auto outputs = detector.forward(images, head);
  const bool one = head == Heads::one_to_one;
  const auto decoded = decode(one ? *outputs.one_to_one : *outputs.one_to_many, detector.strides(),
                              detector.reg_max());
  if (one) return top_k(decoded.boxes, decoded.logits);
  return torch::cat({to_centres(decoded.boxes), decoded.scores()}, 2).transpose(1, 2);
}

void check_output(const Tensor& output, Heads head, int64_t classes) {
  const bool one = head == Heads::one_to_one;
  const bool right = output.dim() == 3 && output.scalar_type() == torch::kFloat &&
                     (one ? output.size(2) == 6 : output.size(1) == 4 + classes);
  if (!right)
    throw OutputError(base::cat("it is ", output.scalar_type(), " of shape ", output.sizes()));
  if (!one) {
    check_boxes(output.slice(1, 0, 4));
    return check_range(output.slice(1, 4), 0, 1, "scores");
  }
  check_boxes(output.slice(2, 0, 4));
  check_range(output.select(2, 4), 0, 1, "scores");
  check_range(output.select(2, 5), 0, static_cast<double>(classes - 1), "classes");
}

std::vector<std::vector<Detection>> detections_in(const Tensor& output, Heads head,
                                                  const Selection& selection) {
  std::vector<std::vector<Detection>> result;
  for (int64_t i = 0; i < output.size(0); ++i) {
    if (head == Heads::one_to_one) {
      result.push_back(select(output[i], selection));
    } else {
      const auto rows = output[i].transpose(0, 1);  // A x (4 + C)
      result.push_back(nms(to_corners(rows.slice(1, 0, 4)), rows.slice(1, 4), selection));
    }
  }
  return result;
}

}  // namespace lotse::runner::detect
