#include "runner/task/pictures.h"

#include "base/strings.h"

namespace lotse::runner::task {

std::string line_for(const std::string& name, const media::Image& picture,
                     const PictureResult& result) {
  return base::printable(
      base::cat(name, " ", picture.width, "x", picture.height, ": ", result.text));
}

Route picture_route(const std::string& path, PicturePredictor& predictor) {
  return {path, [&predictor](std::string_view body) -> nlohmann::json {
            const auto picture = media::decode_image(body, "picture");
            auto result = predictor.predict({&picture}).at(0);
            return {{"width", picture.width},
                    {"height", picture.height},
                    {predictor.results(), std::move(result.found)}};
          }};
}

}  // namespace lotse::runner::task
