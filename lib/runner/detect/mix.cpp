#include "runner/detect/mix.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "runner/detect/outline.h"
#include "runner/media/wide.h"

namespace lotse::runner::detect {

namespace {

LOTSE_WIDE void blend(const uint8_t* other, int weight, size_t count, uint8_t* into) {
  for (size_t i = 0; i < count; ++i)
    into[i] = static_cast<uint8_t>((into[i] * weight + other[i] * (65536 - weight)) >> 16);
}

double shared_area(const Box& a, const Box& b) {
  const double w = std::min(a.x2, b.x2) - std::max(a.x1, b.x1),
               h = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
  return w > 0 && h > 0 ? w * h : 0;
}

Box box_of(const Area& area) {
  return {0, static_cast<double>(area.x1), static_cast<double>(area.y1),
          static_cast<double>(area.x2), static_cast<double>(area.y2)};
}

/// Of an object the mirror image, and how much of a box it would hide at most.
struct Candidate {
  Box box;
  Outline outline;
  double hides = 0;
};

std::vector<Candidate> candidates(const Sample& sample) {
  constexpr double most_hidden = 0.3;
  std::vector<Candidate> result;
  const double width = sample.image.width;
  for (size_t i = 0; i < sample.boxes.size(); ++i) {
    if (outline_of(sample, i).empty()) continue;
    auto box = sample.boxes[i];
    box.x1 = width - sample.boxes[i].x2, box.x2 = width - sample.boxes[i].x1;
    double hides = 0;
    for (const auto& other : sample.boxes)
      hides = std::max(hides, shared_area(box, other) / other.area());
    if (hides < most_hidden) result.push_back({box, mirrored(outline_of(sample, i), width), hides});
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Candidate& a, const Candidate& b) { return a.hides < b.hides; });
  return result;
}

/// The pixels within an outline from where they are in a picture's mirror image.
void paste_mirrored(const media::Image& from, const Outline& outline, media::Image& onto) {
  const auto box = bounds(outline, 0);
  const int first = std::max(0, static_cast<int>(std::floor(box.y1))),
            end = std::min(onto.height, static_cast<int>(std::ceil(box.y2)));
  for (int y = first; y < end; ++y)
    for (const auto& [begin, stop] : inside(outline, y, onto.width))
      for (int x = begin; x < stop; ++x)
        std::memcpy(onto.at(x, y), from.at(from.width - 1 - x, y), 3);
}

}  // namespace

void mirror(Labels& objects, double width) {
  for (auto& box : objects.boxes) {
    const double x1 = box.x1;
    box.x1 = width - box.x2;
    box.x2 = width - x1;
  }
  for (auto& outline : objects.outlines) outline = mirrored(outline, width);
}

void turn_upside_down(Labels& objects, double height) {
  for (auto& box : objects.boxes) {
    const double y1 = box.y1;
    box.y1 = height - box.y2;
    box.y2 = height - y1;
  }
  for (auto& outline : objects.outlines)
    for (auto& point : outline) point.y = static_cast<float>(height) - point.y;
}

void mix_up(Sample& onto, const Sample& from, double part) {
  blend(from.image.rgb.data(), static_cast<int>(std::lround(part * 65536)), onto.image.rgb.size(),
        onto.image.rgb.data());
  for (size_t i = 0; i < from.boxes.size(); ++i)
    add_object(onto, from.boxes[i], outline_of(from, i));
}

Area cut_area(int width, int height, int x, int y, double kept) {
  const double part = std::sqrt(1 - kept);
  const int w = static_cast<int>(width * part), h = static_cast<int>(height * part);
  return {std::clamp(x - w / 2, 0, width), std::clamp(y - h / 2, 0, height),
          std::clamp(x + w / 2, 0, width), std::clamp(y + h / 2, 0, height)};
}

bool is_free(const Area& area, const Sample& sample) {
  return std::none_of(sample.boxes.begin(), sample.boxes.end(),
                      [&](const Box& box) { return shared_area(box_of(area), box) > 0; });
}

void cut_mix(Sample& onto, const Sample& from, const Area& area) {
  const auto place = box_of(area);
  const double least = onto.outlines.empty() ? 0.1 : 0.01;
  bool any = false;
  for (size_t i = 0; i < from.boxes.size(); ++i) {
    auto box = from.boxes[i];
    if (shared_area(place, box) < least * box.area() || shared_area(place, box) <= 0) continue;
    box = {box.class_id, std::max(box.x1, place.x1), std::max(box.y1, place.y1),
           std::min(box.x2, place.x2), std::min(box.y2, place.y2)};
    const auto within = moved(outline_of(from, i), -area.x1, -area.y1);
    add_object(onto, box, moved(clip(within, place.width(), place.height()), area.x1, area.y1));
    any = true;
  }
  if (!any) return;
  const auto row = static_cast<size_t>(area.x2 - area.x1) * 3;
  for (int y = area.y1; y < area.y2; ++y)
    std::memcpy(onto.image.at(area.x1, y), from.image.at(area.x1, y), row);
}

void copy_paste(Sample& sample, double part) {
  const auto all = candidates(sample);
  const auto count = static_cast<size_t>(std::nearbyint(part * static_cast<double>(all.size())));
  if (count == 0) return;
  const auto before = sample.image;
  for (size_t i = 0; i < count; ++i) {
    paste_mirrored(before, all[i].outline, sample.image);
    add_object(sample, all[i].box, all[i].outline);
  }
}

}  // namespace lotse::runner::detect
