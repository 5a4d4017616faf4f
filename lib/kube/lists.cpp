#include "kube/lists.h"

#include <algorithm>

#include "base/interrupt.h"
#include "kube/patience.h"
#include "kube/status.h"
#include "net/retry.h"
#include "object/member.h"

namespace lotse::kube {

namespace {

/// The first page of one list.
struct Asked {
  std::optional<net::Transport::Stream> stream;
  net::Response answer;
  bool ended = false;
  bool broken = false;
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

  /// Waits for all answers; those to which a busy server answers 429 are asked for again, together.
  void wait() {
    Patience patience(client_.clock());
    wait_for_answers();
    while (const auto* busy = longest_wait()) {
      if (!patience.waits_out(*busy)) throw client_.refusal(call_of(queries_[0]), *busy);
      for (size_t i = 0; i < asked.size(); ++i) {
        if (asked[i].answer.status != too_many_requests) continue;
        asked[i] = {};
        open(queries_[i], asked[i]);
      }
      wait_for_answers();
    }
  }

 private:
  void wait_for_answers() {
    const auto all_ended = [&] {
      return std::all_of(asked.begin(), asked.end(), [](const Asked& one) { return one.ended; });
    };
    while (!all_ended() && !base::interrupted()) client_.transport().poll(std::chrono::seconds(1));
    base::throw_if_interrupted();
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
  pages.wait();
  std::vector<List> lists;
  lists.reserve(queries.size());
  for (size_t i = 0; i < queries.size(); ++i) {
    auto list = whole_list(pages.asked[i], *queries[i].kind);
    lists.push_back(list ? std::move(*list) : client.list(*queries[i].kind, queries[i].selector));
  }
  return lists;
}

std::vector<json> list_everywhere(Client& client, const object::Kind& kind,
                                  const Selector& selector) {
  std::vector<json> all;
  std::string token;
  do {
    json page = client.page_or_throw(list_call(kind, "", selector, token));
    token = object::text_at(page, {"metadata", "continue"});
    for (auto& item : list_of(std::move(page), kind).items) all.push_back(std::move(item));
  } while (!token.empty());
  return all;
}

}  // namespace lotse::kube
