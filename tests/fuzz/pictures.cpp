#include "reads.h"
#include "runner/media/codec.h"

// Any bytes are a picture or are refused; a picture has the pixels that its sides promise.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return takes_or_refuses([&] {
    const auto image = lotse::runner::media::decode_image(as_text(data, size), "fuzzed");
    must_hold(image.rgb.size() == static_cast<size_t>(image.width) * image.height * 3);
  });
}
