#include "kube/lists.h"

#include <optional>

#include "base/interrupt.h"
#include "kube/pages.h"
#include "kube/patience.h"
#include "kube/status.h"
#include "net/retry.h"

namespace lotse::kube {

namespace {

/// The first page of one list.
struct Asked {
  std::optional<net::Transport::Stream> stream;
  net::Response answer;
  bool ended = false;
  bool broken = false;
  bool told = false;  ///< to who waits for it
};

/// Nothing if the client has to ask again by itself: what failed, what needs other credentials,
/// what has more pages.
std::optional<List> whole_list(const Asked& asked, const object::Kind& kind) {
  if (asked.broken || !asked.answer.ok()) return {};
  json page = json::parse(asked.answer.body, nullptr, false);
  if (!page.is_object() || !page["metadata"].is_object()) return {};
  if (!page["metadata"].value("continue", "").empty()) return {};
  return list_of(std::move(page), kind);
}

/// Streams whose handlers write into `asked`: none outlives it.
class FirstPages {
 public:
  std::vector<Asked> asked;

  FirstPages(Client& client, const std::vector<ListQuery>& queries)
      : asked(queries.size()), client_(client), queries_(queries) {
    for (size_t i = 0; i < queries.size(); ++i) open(queries[i], asked[i]);
  }
  ~FirstPages() {
    for (const auto& one : asked)
      if (one.stream && !one.ended) client_.transport().close(*one.stream);
  }
  FirstPages(const FirstPages&) = delete;
  FirstPages& operator=(const FirstPages&) = delete;

  /// Calls `ended` for each list as soon as its first page, or its failure, is there; those to
  /// which a busy server answers 429 are asked for again, together.
  void wait(const std::function<void(size_t)>& ended) {
    Patience patience(client_.clock());
    wait_for_answers(ended);
    while (const auto* busy = longest_wait()) {
      if (!patience.waits_out(*busy)) throw client_.refusal(call_of(queries_[0]), *busy);
      for (size_t i = 0; i < asked.size(); ++i) {
        if (asked[i].answer.status != too_many_requests) continue;
        asked[i] = {};
        open(queries_[i], asked[i]);
      }
      wait_for_answers(ended);
    }
  }

 private:
  void wait_for_answers(const std::function<void(size_t)>& ended) {
    for (bool all = false; !all;) {
      all = true;
      for (size_t i = 0; i < asked.size(); ++i) {
        auto& one = asked[i];
        all = all && one.ended;
        const bool busy = !one.broken && one.answer.status == too_many_requests;
        if (one.ended && !one.told && !busy) ended(i);
        one.told = one.told || (one.ended && !busy);
      }
      if (!all) client_.transport().poll(std::chrono::seconds(1));
      base::throw_if_interrupted();
    }
  }

  /// Of the answers that are 429, the one that asks for the longest wait; null if there is none.
  const net::Response* longest_wait() const {
    const net::Response* found = nullptr;
    for (const auto& one : asked)
      if (!one.broken && one.answer.status == too_many_requests &&
          (found == nullptr || net::retry_after(one.answer) > net::retry_after(*found)))
        found = &one.answer;
    return found;
  }

  void open(const ListQuery& query, Asked& into) {
    net::StreamHandler handler;
    handler.on_head = [&into](const net::Response& head) { into.answer = head; };
    handler.on_data = [&into](std::string_view bytes) { into.answer.body += bytes; };
    handler.on_end = [&into](const std::optional<net::Failure>& failure) {
      into.ended = true;
      into.broken = failure.has_value();
    };
    into.stream =
        client_.open(call_of(query), std::move(handler), client_.settings().request_timeout);
  }

  Call call_of(const ListQuery& query) const {
    return list_call(*query.kind, client_.name_space(), query.selector);
  }

  Client& client_;
  const std::vector<ListQuery>& queries_;
};

}  // namespace

std::vector<List> list_all(Client& client, const std::vector<ListQuery>& queries) {
  FirstPages pages(client, queries);
  std::vector<std::optional<List>> found(queries.size());
  pages.wait([&](size_t i) {
    found[i] = whole_list(pages.asked[i], *queries[i].kind);
    std::string().swap(pages.asked[i].answer.body);
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
  FirstPages pages(client, queries);
  std::vector<std::optional<std::string>> next(queries.size());  // "": nothing more
  pages.wait([&](size_t i) {
    auto& asked = pages.asked[i];
    const auto page = std::move(asked.answer.body);
    if (asked.broken || !asked.answer.ok() || !page.starts_with('{')) return;
    hand_out(i, page);
    next[i] = token_behind(page);
  });
  for (size_t i = 0; i < queries.size(); ++i)
    if (!next[i] || !next[i]->empty())
      each_page(client, list_call(*queries[i].kind, client.name_space(), queries[i].selector),
                {[&](const std::string& page) { hand_out(i, page); }}, next[i].value_or(""));
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
