#include "document/document.h"
#include "document/write.h"
#include "reads.h"

using namespace lotse::document;

// What was read is written and read again as the same value.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return takes_or_refuses([&] {
    for (const auto& document : parse_yaml_stream(as_text(data, size), "fuzz.yaml"))
      must_hold(parse_yaml(write_yaml(document.value), "again.yaml").value == document.value);
  });
}
