#include "document/document.h"
#include "reads.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return takes_or_refuses([&] {
    lotse::document::parse_yaml_stream({reinterpret_cast<const char*>(data), size}, "fuzz.yaml");
  });
}
