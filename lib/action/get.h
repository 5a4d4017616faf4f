#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace lotse::identity {
struct Settings;
}

namespace lotse::action {

class Connected;

/// In which form objects are asked of the server.
enum class Form { table, names, objects };

struct GetQuery {
  std::string kind;                     ///< as a user writes it: "po", "pods", "jobs.batch"
  std::vector<std::string> names = {};  ///< empty: all
  std::string labels = {};              ///< a label selector
  std::string fields = {};              ///< a field selector
  bool all_namespaces = false;
  bool watch = false;  ///< goes on with every change until the user interrupts
  Form form = Form::table;
  bool managed_fields = false;  ///< objects keep metadata.managedFields

  /// Throws Error(invalid) for parts of the query that exclude each other.
  void validate() const;
};

/// Sets the query's kind and names from "KIND", "KIND NAME...", or "KIND/NAME..." of one kind.
/// Throws Error(invalid).
void take_words(GetQuery& query, const std::vector<std::string>& words);

struct Column {
  std::string name;
  bool wide = false;  ///< shown by `-o wide` alone
};

/// Some rows as the server words them; the columns are those of all pages.
struct TablePage {
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
};

/// Functions that get the results as they come; the query's form decides which of them is called.
struct GetSink {
  std::function<void(const TablePage&)> on_table;
  std::function<void(const std::string& name)> on_name;     ///< "job.batch/NAME"
  std::function<void(std::string_view object)> on_object;   ///< JSON with apiVersion and kind
  std::function<void(const std::string& message)> on_note;  ///< what the user should know
};

/// Reads objects of any kind from one cluster, a page of 500 at a time.
class Getter {
 public:
  /// `cache`: the folder where the server's kinds are kept.
  Getter(const identity::Settings& settings, std::filesystem::path cache);
  ~Getter();

  std::string describe() const;  ///< "context NAME, namespace NS"
  std::string get_namespace() const;

  /// Gets the objects and returns their number. For names that are not there Error(not_found) is
  /// thrown at the end, after the others were handed out.
  size_t get(const GetQuery& query, const GetSink& sink);

 private:
  std::unique_ptr<Connected> connected_;
  std::filesystem::path cache_;
};

}  // namespace lotse::action
