#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "runner/media/codec.h"
#include "runner/task/service.h"

/// What families that look at pictures have in common for those who show them.
namespace lotse::runner::task {

/// What a model says of one picture.
struct PictureResult {
  nlohmann::json found;  ///< a list: boxes, classes
  std::string text;      ///< "Detected 2 objects in the frame. (2 person)"
  /// Draws it into the picture.
  std::function<void(media::Image&)> draw;
};

/// The one way from pictures to results: `infer` and `serve` share it, so that they agree.
class PicturePredictor {
 public:
  virtual ~PicturePredictor() = default;
  /// What the results are called: the type of their events, and the member with the list.
  virtual std::string results() const = 0;
  /// Width and height of what the network gets for a picture.
  virtual std::pair<int, int> canvas(const media::Image& picture) const = 0;
  /// The results of each. Throws OutputError.
  virtual std::vector<PictureResult> predict(const std::vector<const media::Image*>& pictures) = 0;
};

/// "bus.jpg 640x480: Detected 2 objects in the frame. (2 person)": one line, whatever stands in it.
std::string line_for(const std::string& name, const media::Image& picture,
                     const PictureResult& result);

/// POST of a picture's bytes: {"width", "height", RESULTS: [...]}. `predictor` must outlive it.
Route picture_route(const std::string& path, PicturePredictor& predictor);

}  // namespace lotse::runner::task
