#include "cli/output/objects.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/strings.h"
#include "document/jsonpath.h"
#include "document/raw_json.h"
#include "document/raw_yaml.h"

namespace lotse::cli {

namespace {

using action::Form;
using action::GetSink;
using nlohmann::json;

/// Characters, not bytes: cells hold UTF-8.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

/// A cell is one line, and what it holds cannot command a terminal.
std::string shown(const std::string& cell) {
  const auto end = cell.find_first_of("\f\n\r");
  std::string text;
  for (const char c : cell.substr(0, end)) {
    if (c == '\t')
      text += ' ';
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      text += {'^', static_cast<char>(c ^ 0x40)};
    else
      text += c;
  }
  return end == std::string::npos ? text : text + "...";
}

/// Columns as kubectl sets them: three blanks apart, six wide at least. Widths are those of the
/// first page and grow with wider cells; rows that are out stay as they are.
class TablePrinter : public ObjectPrinter {
 public:
  TablePrinter(bool wide, bool headers, Out out)
      : wide_(wide), headers_(headers), out_(std::move(out)) {}
  Form form() const override { return Form::table; }
  GetSink sink() override {
    GetSink sink;
    sink.on_table = [this](const action::TablePage& page) { print(page); };
    return sink;
  }

 private:
  using Row = std::vector<std::string>;

  void print(const action::TablePage& page) {
    std::vector<Row> rows;
    if (headers_ && !page.columns.empty() && !page.rows.empty()) {
      rows.push_back(heading(page));
      headers_ = false;
    }
    for (const auto& cells : page.rows) {
      Row row;
      for (size_t i = 0; i < std::min(cells.size(), page.columns.size()); ++i)
        if (wide_ || !page.columns[i].wide) row.push_back(shown(cells[i]));
      rows.push_back(std::move(row));
    }
    fit(rows);
    std::string text;
    for (const auto& row : rows) add(text, row);
    out_(text);
  }

  Row heading(const action::TablePage& page) const {
    Row row;
    for (const auto& column : page.columns)
      if (wide_ || !column.wide) row.push_back(base::upper(column.name));
    return row;
  }

  void fit(const std::vector<Row>& rows) {
    constexpr size_t least = 6;
    constexpr size_t between = 3;
    for (const auto& row : rows) {
      if (widths_.size() < row.size()) widths_.resize(row.size(), least);
      for (size_t i = 0; i < row.size(); ++i)
        widths_[i] = std::max(widths_[i], width_of(row[i]) + between);
    }
  }

  void add(std::string& text, const Row& row) const {
    for (size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text.append(widths_[i] - width_of(row[i]), ' ');
    }
    text += '\n';
  }

  bool wide_;
  bool headers_;
  Out out_;
  std::vector<size_t> widths_;
};

class NamePrinter : public ObjectPrinter {
 public:
  explicit NamePrinter(Out out) : out_(std::move(out)) {}
  Form form() const override { return Form::names; }
  GetSink sink() override {
    GetSink sink;
    sink.on_name = [this](const std::string& name) { out_(name + "\n"); };
    return sink;
  }

 private:
  Out out_;
};

/// Those that print objects. Where there are several they are items of a List, as in kubectl.
class WholeObjects : public ObjectPrinter {
 public:
  explicit WholeObjects(const PrintOptions& options, Out out)
      : out_(std::move(out)), options_(options) {}
  Form form() const override { return Form::objects; }
  bool wants_managed_fields() const override { return options_.managed_fields; }
  GetSink sink() override {
    GetSink sink;
    sink.on_object = [this](std::string_view object) { take(object); };
    return sink;
  }

 protected:
  virtual void take(std::string_view object) = 0;
  bool alone() const { return options_.single || options_.watch; }
  Out out_;
  PrintOptions options_;
};

class JsonPrinter : public WholeObjects {
 public:
  using WholeObjects::WholeObjects;
  void end() override {
    if (alone()) return;
    begin();
    out_(base::cat(first_ ? "" : "\n  ", "],\n  \"kind\": \"List\",\n  \"metadata\": {\n",
                   "    \"resourceVersion\": \"\"\n  }\n}\n"));
  }

 private:
  void take(std::string_view object) override {
    std::string text;
    if (!alone()) {
      begin();
      text = first_ ? "\n    " : ",\n    ";
      first_ = false;
    }
    constexpr size_t level = 2;
    document::append_indented(text, object, alone() ? 0 : level);
    out_(alone() ? text + "\n" : text);
  }

  void begin() {
    if (!begun_) out_("{\n  \"apiVersion\": \"v1\",\n  \"items\": [");
    begun_ = true;
  }

  bool begun_ = false;
  bool first_ = true;
};

class YamlPrinter : public WholeObjects {
 public:
  using WholeObjects::WholeObjects;
  void end() override {
    if (alone()) return;
    out_(std::string(begun_ ? "" : "apiVersion: v1\nitems: []\n") +
         "kind: List\nmetadata:\n  resourceVersion: \"\"\n");
  }

 private:
  void take(std::string_view object) override {
    constexpr size_t level = 2;
    std::string text;
    if (alone()) {
      if (begun_) text = "---\n";
      document::append_yaml(text, object);
    } else {
      text = begun_ ? "- " : "apiVersion: v1\nitems:\n- ";
      document::append_yaml(text, object, level, true);
    }
    begun_ = true;
    out_(text);
  }

  bool begun_ = false;
};

class PathPrinter : public WholeObjects {
 public:
  PathPrinter(const std::string& text, const PrintOptions& options, Out out)
      : WholeObjects(options, std::move(out)), path_(text) {}
  bool wants_managed_fields() const override { return true; }
  void end() override {
    if (alone()) return;
    out_(path_.fill({{"apiVersion", "v1"},
                     {"kind", "List"},
                     {"metadata", {{"resourceVersion", ""}}},
                     {"items", std::move(items_)}}));
  }

 private:
  void take(std::string_view object) override {
    json value = json::parse(object);
    if (alone())
      out_(path_.fill(value));
    else
      items_.push_back(std::move(value));
  }

  document::JsonPath path_;
  json items_ = json::array();
};

constexpr std::string_view path_prefix = "jsonpath=";

}  // namespace

std::vector<std::string> object_forms() {
  return {"table", "wide", "name", "json", "yaml", "jsonpath="};
}

std::unique_ptr<ObjectPrinter> make_object_printer(const PrintOptions& options,
                                                   ObjectPrinter::Out out) {
  const auto& form = options.form;
  if (form == "table" || form == "wide")
    return std::make_unique<TablePrinter>(form == "wide", options.headers, std::move(out));
  if (form == "name") return std::make_unique<NamePrinter>(std::move(out));
  if (form == "json") return std::make_unique<JsonPrinter>(options, std::move(out));
  if (form == "yaml") return std::make_unique<YamlPrinter>(options, std::move(out));
  if (form.starts_with(path_prefix))
    return std::make_unique<PathPrinter>(form.substr(path_prefix.size()), options, std::move(out));
  throw base::Error({{"--output-format", "'" + form + "' is no form", ""}});
}

}  // namespace lotse::cli
