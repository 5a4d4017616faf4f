#include "document/events.h"

#include <libfyaml.h>

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "document/scalar_text.h"

namespace lotse::document {

namespace {

constexpr std::string_view anchor_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool is_one_of(char c, std::string_view characters) {
  return characters.find(c) != std::string_view::npos;
}

/// Takes libfyaml's messages, which it would print otherwise.
void say_nothing(fy_diag*, void*, const char*, size_t) {}

std::string text_of(fy_token* token) {
  size_t length = 0;
  const char* text = token ? fy_token_get_text(token, &length) : nullptr;
  return text ? std::string(text, length) : std::string();
}

/// libfyaml names the rule that is broken; most often it is one of these slips.
std::string hint_for(std::string_view message) {
  if (message == "invalid multiline plain key" || message == "invalid indentation in mapping")
    return "the keys of a mapping begin in one column, and a key with lines below it has nothing "
           "behind its ':'";
  if (message == "missing comma in flow mapping" || message == "missing comma in flow sequence")
    return "within { } and [ ] quote a text that has braces, brackets or commas: \"${...}\"";
  if (message.find("tab") != std::string_view::npos) return "indent by spaces";
  return "";
}

}  // namespace

void EventReader::Close::operator()(fy_diag* diagnostics) const {
  fy_diag_destroy(diagnostics);
}

void EventReader::Close::operator()(fy_parser* parser) const {
  fy_parser_destroy(parser);
}

EventReader::EventReader(std::string_view text, std::string file)
    : text_(text), file_(std::move(file)) {
  fy_diag_cfg diagnostics;
  fy_diag_cfg_default(&diagnostics);
  diagnostics.fp = nullptr;
  diagnostics.output_fn = say_nothing;
  diagnostics_.reset(fy_diag_create(&diagnostics));
  fy_diag_set_collect_errors(diagnostics_.get(), true);
  fy_parse_cfg parse{};
  parse.flags = static_cast<fy_parse_cfg_flags>(FYPCF_QUIET | FYPCF_COLLECT_DIAG);
  parse.diag = diagnostics_.get();
  parser_.reset(fy_parser_create(&parse));
  if (!parser_ || fy_parser_set_string(parser_.get(), text.empty() ? "" : text.data(), text.size()))
    throw std::bad_alloc();
}

std::optional<Event> EventReader::next() {
  while (fy_event* from = fy_parser_parse(parser_.get())) {
    const auto free = [this](fy_event* event) { fy_parser_event_free(parser_.get(), event); };
    const std::unique_ptr<fy_event, decltype(free)> owner(from, free);
    auto event = translated(from);
    if (!event) continue;
    hold_to_kubectl(*event);
    if (event->kind == Event::Kind::collection_end) flow_.pop_back();
    if (from->type == FYET_SEQUENCE_START || from->type == FYET_MAPPING_START)
      flow_.push_back(fy_event_get_node_style(from) == FYNS_FLOW);
    return event;
  }
  if (!fy_parser_get_stream_error(parser_.get())) return std::nullopt;
  refuse_as_libfyaml_says();
}

void EventReader::refuse_as_libfyaml_says() {
  void* at = nullptr;
  while (const auto* said = fy_diag_errors_iterate(diagnostics_.get(), &at))
    if (said->type >= FYET_ERROR)
      refuse({said->line, said->column}, said->msg, hint_for(said->msg));
  refuse(last_, "is not YAML");
}

std::optional<Event> EventReader::translated(fy_event* from) {
  using Kind = Event::Kind;
  Event event;
  const size_t before = last_end_;
  place(event, from);
  switch (from->type) {
    case FYET_DOCUMENT_START:
      event.kind = Kind::document_start;
      event.marked = !from->document_start.implicit;
      return event;
    case FYET_DOCUMENT_END:
      event.kind = Kind::document_end;
      return event;
    case FYET_SCALAR:
      scalar(event, from, before);
      event.tag = text_of(from->scalar.tag);
      event.anchor = text_of(from->scalar.anchor);
      return event;
    case FYET_ALIAS:
      event.kind = Kind::alias;
      event.text = text_of(from->alias.anchor);
      return event;
    case FYET_SEQUENCE_START:
      event.kind = Kind::sequence_start;
      event.tag = text_of(from->sequence_start.tag);
      event.anchor = text_of(from->sequence_start.anchor);
      return event;
    case FYET_MAPPING_START:
      event.kind = Kind::mapping_start;
      event.tag = text_of(from->mapping_start.tag);
      event.anchor = text_of(from->mapping_start.anchor);
      return event;
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END:
      event.kind = Kind::collection_end;
      return event;
    default:
      return std::nullopt;
  }
}

void EventReader::scalar(Event& event, fy_event* from, size_t before) {
  fy_token* const value = from->scalar.value;
  event.plain = true;
  if (!value) return;
  const size_t begin = std::min(fy_token_start_mark(value)->input_pos, text_.size());
  const size_t end = std::clamp(fy_token_end_mark(value)->input_pos, begin, text_.size());
  event.raw = text_.substr(begin, end - begin);
  const auto style = fy_token_scalar_style(value);
  event.plain = style == FYSS_PLAIN;
  if (style == FYSS_PLAIN) {
    event.text = plain_text(event.raw);
  } else if (style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) {
    --event.at.column;  // its mark stands behind the quote
    auto text =
        style == FYSS_SINGLE_QUOTED ? single_quoted_text(event.raw) : double_quoted_text(event.raw);
    if (!text) refuse(event.at, "an escape in this text stands for no character");
    event.text = std::move(*text);
  } else {
    if (end < text_.size())  // its mark stands behind the spaces of the line below
      event.raw = event.raw.substr(0, event.raw.find_last_not_of(' ') + 1);
    block(event, value, std::min(before, begin), begin);
  }
}

/// A header such as "|2" counts from the indentation of the block around this one, which only
/// libfyaml knows: how it read the first line shows how much of that line it took for indentation.
void EventReader::block(Event& event, fy_token* value, size_t before, size_t begin) {
  const auto header = block_header(text_.substr(before, begin - before));
  const auto line = text_.substr(0, before + header.at);
  if (event.at.line > 1) --event.at.line;
  event.at.column = static_cast<int>(line.size() - (line.rfind('\n') + 1)) + 1;
  std::optional<size_t> indent;
  if (header.indented) {
    const auto written = leading_spaces(event.raw);
    const auto kept = leading_spaces(text_of(value));
    if (!written || !kept || *kept > *written)
      refuse(event.at, "a block with its indentation given holds nothing", "leave the digit out");
    indent = *written - *kept;
  }
  event.text = block_text(event.raw, header, indent);
}

/// An empty value has no mark of its own: it stands where the event before it ended.
void EventReader::place(Event& event, fy_event* from) {
  const fy_mark* begin = fy_event_start_mark(from);
  const fy_mark* end = fy_event_end_mark(from);
  event.at = begin ? Position{begin->line + 1, begin->column + 1} : last_;
  if (!end) return;
  last_ = {end->line + 1, end->column + 1};
  last_end_ = std::min(end->input_pos, text_.size());
}

/// What kubectl's parser (go-yaml v2, an older YAML) would silently read as something else.
void EventReader::hold_to_kubectl(const Event& event) {
  const std::string quote = "kubectl reads this differently: quote it";
  if (event.kind == Event::Kind::document_start) {
    if (had_document_ && !event.marked)
      refuse(event.at, "a document begins without ---", "kubectl reads no further than ...");
    had_document_ = true;
  }
  if (event.plain && in_flow() && !event.raw.empty()) {
    const size_t end = static_cast<size_t>(event.raw.end() - text_.begin());
    if (event.raw.front() == '?') refuse(event.at, "text that begins with ? in brackets", quote);
    if (end + 1 < text_.size() && text_[end] == ':' && is_one_of(text_[end + 1], ",[]{}"))
      refuse(event.at, "a : without a space after it, in brackets", quote);
  }
  const auto name_end = event.anchor.find_first_not_of(anchor_characters);
  if (name_end != std::string::npos && is_one_of(event.anchor[name_end], "?:%@`"))
    refuse(event.at, "the anchor &" + event.anchor + " is more than letters, digits, - and _",
           "kubectl ends its name there");
}

void EventReader::refuse(Position at, const std::string& message, const std::string& hint) {
  throw base::Error({{base::cat(file_, ":", at.line, ":", at.column), message, hint}});
}

}  // namespace lotse::document
