#include "runner/classify/pictures.h"

#include <algorithm>
#include <cmath>

#include "base/strings.h"
#include "runner/media/resample.h"
#include "runner/media/threads.h"
#include "runner/task/random.h"

namespace lotse::runner::classify {

namespace {

using media::Image;

/// The shorter side made `side`, the longer one in proportion, its part of a pixel cut off.
Image with_shorter_side(const Image& picture, int side) {
  const int width = picture.width, height = picture.height;
  const auto longer = [&](int a, int b) {
    return static_cast<int>(static_cast<int64_t>(side) * a / b);
  };
  const bool wide = width > height;
  return media::resample(picture, {0, 0, width, height}, wide ? longer(width, height) : side,
                         wide ? side : longer(height, width));
}

/// One example a row, made on threads.
torch::Tensor make_rows(size_t count, int side, const task::Making& making,
                        const std::function<Image(size_t)>& make) {
  const auto n = static_cast<int64_t>(count);
  const auto pixels = torch::empty(
      {n, side, side, 3}, torch::TensorOptions(torch::kUInt8).pinned_memory(making.pinned));
  media::on_threads(n, making.threads, [&](int64_t i) {
    const auto image = make(static_cast<size_t>(i));
    std::copy(image.rgb.begin(), image.rgb.end(), pixels[i].data_ptr<uint8_t>());
  });
  return pixels.permute({0, 3, 1, 2});
}

torch::Tensor classes_of(const std::vector<Item>& items, const std::vector<int64_t>& indices) {
  std::vector<int64_t> classes;
  for (const int64_t index : indices) classes.push_back(items[static_cast<size_t>(index)].class_id);
  return torch::tensor(classes, torch::kInt64);
}

constexpr int spare = 2;  // times the side that pictures to learn from are kept in

/// `pixels` are those that a picture is counted with before it is decoded.
task::Form<Item, Image> form_of(std::string name, int64_t pixels,
                                std::function<Image(const std::filesystem::path&)> read) {
  return {std::move(name), 3 * pixels, std::move(read),
          [](const Item&, Image picture) { return picture; },
          [](const Image& picture) { return static_cast<int64_t>(picture.rgb.size()); }};
}

/// A picture twice as long as wide is counted as most are.
task::Form<Item, Image> training_form(int side) {
  const int most = spare * side;
  return form_of(base::cat("shorter side at most ", most), int64_t{2} * most * most,
                 [most](const std::filesystem::path& path) {
                   auto picture = media::read_image(path);
                   return std::min(picture.width, picture.height) > most
                              ? with_shorter_side(picture, most)
                              : picture;
                 });
}

}  // namespace

Image centre_square(const Image& picture, int side) {
  const auto resized = with_shorter_side(picture, side);
  // Halves are rounded to even, as the field's tools do.
  const auto margin = [&](int length) {
    return static_cast<int>(std::nearbyint((length - side) / 2.0));
  };
  return media::cut(resized, {margin(resized.width), margin(resized.height), side, side});
}

TrainingPictures::TrainingPictures(std::vector<Item> items, int side, const task::Keeping& keeping)
    : Kept(std::move(items), training_form(side), keeping), side_(side) {}

Squares::Squares(std::vector<Item> items, int side, const task::Keeping& keeping)
    : Kept(std::move(items),
           form_of(base::cat("middle square ", side), int64_t{side} * side,
                   [side](const std::filesystem::path& path) {
                     return centre_square(media::read_image(path), side);
                   }),
           keeping),
      side_(side) {}

task::Batch training_batch(const TrainingPictures& pictures, const std::vector<int64_t>& indices,
                           uint64_t seed, int64_t epoch, const Augmentation& settings,
                           const task::Making& making) {
  auto pixels = make_rows(indices.size(), pictures.side(), making, [&](size_t i) {
    task::Random random({task::augment_stream, seed, static_cast<uint64_t>(epoch),
                         static_cast<uint64_t>(indices[i])});
    return augment(*pictures.get(indices[i]), pictures.side(), settings, random);
  });
  return {std::move(pixels), classes_of(pictures.items(), indices)};
}

void look_at(const Squares& squares, const std::vector<int64_t>& indices, int64_t batch,
             const task::Making& making, const std::function<void(const task::Batch&)>& judge,
             const std::function<void(int64_t, int64_t)>& progress) {
  const auto total = static_cast<int64_t>(indices.size());
  task::Prefetcher<task::Batch> loader(0, (total + batch - 1) / batch, 2, [&](int64_t b) {
    const auto first = indices.begin() + b * batch;
    const std::vector<int64_t> some(first, first + std::min(batch, total - b * batch));
    auto pixels = make_rows(some.size(), squares.side(), making,
                            [&](size_t i) { return *squares.get(some[i]); });
    return task::Batch{std::move(pixels), classes_of(squares.items(), some)};
  });
  for (int64_t done = 0; done < total;) {
    const auto made = loader.next();
    judge(made);
    done += made.targets.size(0);
    if (progress) progress(done, total);
  }
}

}  // namespace lotse::runner::classify
