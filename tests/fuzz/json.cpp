#include "document/document.h"
#include "reads.h"

using namespace lotse::document;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return takes_or_refuses([&] { parse_json(as_text(data, size), "fuzz.json"); });
}
