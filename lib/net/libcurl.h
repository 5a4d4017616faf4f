#pragma once
#include <curl/curl.h>

#include <type_traits>

#include "base/library.h"

// Inside this room only: libcurl, loaded by the first request and not by the program's start. With
// what it depends on it takes longer to load than most commands take to run (tests/bench/client).

namespace lotse::net {

struct Curl {
  base::Library library{"libcurl.so.4", "libcurl4"};
  decltype(&::curl_global_init) global_init = library["curl_global_init"];
  decltype(&::curl_easy_init) easy_init = library["curl_easy_init"];
  decltype(&::curl_easy_setopt) easy_setopt = library["curl_easy_setopt"];
  decltype(&::curl_easy_getinfo) easy_getinfo = library["curl_easy_getinfo"];
  decltype(&::curl_easy_pause) easy_pause = library["curl_easy_pause"];
  decltype(&::curl_easy_recv) easy_recv = library["curl_easy_recv"];
  decltype(&::curl_easy_send) easy_send = library["curl_easy_send"];
  decltype(&::curl_easy_strerror) easy_strerror = library["curl_easy_strerror"];
  decltype(&::curl_easy_cleanup) easy_cleanup = library["curl_easy_cleanup"];
  decltype(&::curl_multi_init) multi_init = library["curl_multi_init"];
  decltype(&::curl_multi_add_handle) multi_add_handle = library["curl_multi_add_handle"];
  decltype(&::curl_multi_perform) multi_perform = library["curl_multi_perform"];
  decltype(&::curl_multi_poll) multi_poll = library["curl_multi_poll"];
  decltype(&::curl_multi_info_read) multi_info_read = library["curl_multi_info_read"];
  decltype(&::curl_multi_remove_handle) multi_remove_handle = library["curl_multi_remove_handle"];
  decltype(&::curl_multi_cleanup) multi_cleanup = library["curl_multi_cleanup"];
  decltype(&::curl_slist_append) slist_append = library["curl_slist_append"];
  decltype(&::curl_slist_free_all) slist_free_all = library["curl_slist_free_all"];

  Curl() { global_init(CURL_GLOBAL_DEFAULT); }

  /// Sets an option. Only the types that libcurl reads are accepted (long, pointer, curl_off_t):
  /// its own variadic function would take an int without a warning and read garbage.
  template <class Value>
  void set(CURL* easy, CURLoption option, Value value) const {
    static_assert(std::is_pointer_v<Value> || std::is_null_pointer_v<Value> ||
                  std::is_same_v<Value, long> || std::is_same_v<Value, curl_off_t>);
    easy_setopt(easy, option, value);
  }
};

inline const Curl& curl() {
  static const Curl loaded;
  return loaded;
}

}  // namespace lotse::net
