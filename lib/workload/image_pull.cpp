#include "workload/image_pull.h"

#include <algorithm>

#include "base/strings.h"

namespace lotse::workload {

namespace {

bool says_any(const std::string& text, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(), [text = base::lower(text)](const char* word) {
    return text.find(word) != std::string::npos;
  });
}

/// Whether a message is about this image; it may name its registry though the pod does not.
bool is_about(const std::string& message, const std::string& image) {
  return !image.empty() && message.find(image + "\"") != std::string::npos;
}

}  // namespace

Code code_of_pull(const std::string& reason, const std::string& message) {
  if (reason == "InvalidImageName") return "ImageNameInvalid";
  if (reason == "ErrImageNeverPull") return "ImageMissing";
  if (says_any(message, {"no match for platform"})) return "ImageArchitecture";
  if (says_any(message, {"unauthorized", "authentication required", "authorization failed",
                         "access denied", "403 forbidden", "no basic auth"}))
    return "ImageUnauthorized";
  if (says_any(message, {"not found", "manifest unknown", "name unknown"})) return "ImageMissing";
  return "ImagePullFailed";
}

std::string said_of_the_image(const Snapshot::Found& events) {
  for (auto event = events.rbegin(); event != events.rend(); ++event)
    if (auto words = event_words(**event);
        text_at(**event, {"reason"}) == "Failed" && words.find("pull image") != std::string::npos)
      return words;
  return "";
}

std::string volume_of_the_image(const json& pod, const Snapshot::Found& events,
                                const std::string& evidence) {
  const auto said = evidence + said_of_the_image(events);
  for (const char* list : {"initContainers", "containers"})
    for (const auto& container : list_at(pod, {"spec", list}))
      if (is_about(said, text_at(container, {"image"}))) return "";
  for (const auto& volume : list_at(pod, {"spec", "volumes"}))
    if (is_about(said, text_at(volume, {"image", "reference"}))) return text_at(volume, {"name"});
  return "";
}

}  // namespace lotse::workload
