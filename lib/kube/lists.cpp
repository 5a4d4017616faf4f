#include "kube/lists.h"

#include "kube/pages.h"
#include "kube/status.h"
#include "kube/together.h"

namespace lotse::kube {

namespace {

/// The calls for the first page of each.
std::vector<Call> calls_of(const Client& client, const std::vector<ListQuery>& queries) {
  std::vector<Call> calls;
  calls.reserve(queries.size());
  for (const auto& query : queries) {
    auto& call = calls.emplace_back(list_call(*query.kind, client.name_space(), query.selector));
    if (query.metadata_alone) call.accept = as_metadata;
  }
  return calls;
}

bool is_done_without(const ListQuery& query, const Together::Answer& answer) {
  const auto status = answer.response.status;
  return query.optional && !answer.broken && (status == forbidden || status == not_found);
}

}  // namespace

std::optional<List> whole_list(const net::Response& answer, const object::Kind& kind) {
  if (!answer.ok()) return {};
  json page = json::parse(answer.body, nullptr, false);
  if (!page.is_object() || !page["metadata"].is_object()) return {};
  if (!page["metadata"].value("continue", "").empty()) return {};
  return list_of(std::move(page), kind);
}

std::vector<List> list_all(Client& client, const std::vector<ListQuery>& queries) {
  std::vector<std::optional<List>> found(queries.size());
  Together(client, calls_of(client, queries)).wait([&](size_t i, Together::Answer& answer) {
    if (is_done_without(queries[i], answer))
      found[i] = List();
    else if (!answer.broken)
      found[i] = whole_list(answer.response, *queries[i].kind);
    std::string().swap(answer.response.body);
  });
  std::vector<List> lists;
  lists.reserve(queries.size());
  for (size_t i = 0; i < queries.size(); ++i)
    lists.push_back(found[i] ? std::move(*found[i])
                             : client.list(*queries[i].kind, queries[i].selector));
  return lists;
}

void each_of_all(Client& client, const std::vector<ListQuery>& queries,
                 const std::vector<document::RawPath>& without, const TakeText& take) {
  const auto hand_out = [&](size_t i, std::string_view page) {
    for (const auto item : items_of(page)) take(i, item_text(item, *queries[i].kind, without));
  };
  std::vector<std::optional<std::string>> next(queries.size());  // "": nothing more
  const auto calls = calls_of(client, queries);
  Together(client, calls).wait([&](size_t i, Together::Answer& answer) {
    const auto page = std::move(answer.response.body);
    if (is_done_without(queries[i], answer)) next[i] = "";
    if (answer.broken || !answer.response.ok() || !page.starts_with('{')) return;
    hand_out(i, page);
    next[i] = token_behind(page);
  });
  for (size_t i = 0; i < queries.size(); ++i)
    if (!next[i] || !next[i]->empty())
      each_page(client, calls[i], {[&](const std::string& page) { hand_out(i, page); }},
                next[i].value_or(""));
}

void each_everywhere(Client& client, const object::Kind& kind, const Selector& selector,
                     const std::vector<document::RawPath>& without,
                     const std::function<void(json object)>& take) {
  const auto call = list_call(kind, "", selector);
  each_page(client, call, {[&](const std::string& page) {
              for (const auto item : items_of(page)) {
                json object = json::parse(item_text(item, kind, without), nullptr, false);
                if (!object.is_object()) throw no_json(call);
                take(std::move(object));
              }
            }});
}

}  // namespace lotse::kube
