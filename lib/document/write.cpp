#include "document/write.h"

#include "document/yaml_block.h"

namespace lotse::document {

using nlohmann::json;

namespace {

class ValueNode {
 public:
  explicit ValueNode(const json& value) : value_(value) {}

  bool is_object() const { return value_.is_object(); }
  bool is_array() const { return value_.is_array(); }
  bool empty() const { return value_.empty(); }
  template <class Each>
  void each_member(Each each) const {
    for (const auto& [key, value] : value_.items()) each(key, ValueNode(value));
  }
  template <class Each>
  void each_item(Each each) const {
    for (const auto& item : value_) each(ValueNode(item));
  }
  void append_scalar(std::string& out, size_t indent) const {
    if (value_.is_string())
      append_text(out, value_.get_ref<const std::string&>(), indent);
    else
      out += value_.dump();
  }

 private:
  const json& value_;
};

}  // namespace

std::string write_yaml(const json& value) {
  std::string out;
  BlockWriter<ValueNode>(out).write(ValueNode(value), 0);
  return out;
}

std::string write_yaml_stream(const std::vector<json>& values) {
  std::string out;
  for (const auto& value : values) out += (out.empty() ? "" : "---\n") + write_yaml(value);
  return out;
}

}  // namespace lotse::document
