#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/document.h"

struct fy_diag;
struct fy_event;
struct fy_parser;
struct fy_token;

namespace lotse::document {

/// One step through a YAML text.
struct Event {
  enum class Kind {
    document_start,
    document_end,
    sequence_start,
    mapping_start,
    collection_end,
    scalar,
    alias
  };
  Kind kind = Kind::scalar;
  Position at;           ///< of the value itself, behind its tag and anchor
  bool marked = false;   ///< the document begins with "---"
  bool plain = false;    ///< the scalar has no quotes and is no block, or it is empty
  std::string_view raw;  ///< a scalar as it is written, without quotes or block header
  std::string text;      ///< a scalar's value, an alias' name
  std::string tag;       ///< written out: "tag:yaml.org,2002:str", "!local"; empty without one
  std::string anchor;
};

/// Reads the events of a text with libfyaml. What a scalar says is worked out here from the place
/// where it stands, because libfyaml 0.7.12 gets some wrong (several '' in a row, blocks of empty
/// lines).
class EventReader {
 public:
  /// The text must outlive the reader and hold nothing but UTF-8.
  EventReader(std::string_view text, std::string file);

  /// The next event; nothing at the end. Throws Error(invalid) whose diagnostic names
  /// "FILE:LINE:COLUMN".
  std::optional<Event> next();

 private:
  struct Close {
    void operator()(fy_diag* diagnostics) const;
    void operator()(fy_parser* parser) const;
  };

  /// Our form of one of libfyaml's events; nothing for those that only frame the documents.
  std::optional<Event> translated(fy_event* from);
  void scalar(Event& event, fy_event* from, size_t before);
  void block(Event& event, fy_token* value, size_t before, size_t begin);
  void place(Event& event, fy_event* from);
  void hold_to_kubectl(const Event& event);
  bool in_flow() const { return !flow_.empty() && flow_.back(); }
  [[noreturn]] void refuse_as_libfyaml_says();
  [[noreturn]] void refuse(Position at, const std::string& message, const std::string& hint = "");

  std::string_view text_;
  std::string file_;
  std::unique_ptr<fy_diag, Close> diagnostics_;
  std::unique_ptr<fy_parser, Close> parser_;
  Position last_{1, 1};
  size_t last_end_ = 0;
  std::vector<bool> flow_;  ///< for each collection around: whether it is written with brackets
  bool had_document_ = false;
};

}  // namespace lotse::document
