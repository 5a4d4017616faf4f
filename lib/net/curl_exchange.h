#pragma once
#include <chrono>
#include <cstddef>
#include <exception>
#include <string>

#include "net/curl_transport.h"
#include "net/libcurl.h"

namespace lotse::net {

struct Headers {
  curl_slist* list = nullptr;
  Headers() = default;
  Headers(const Headers&) = delete;
  Headers& operator=(const Headers&) = delete;
  ~Headers() { curl().slist_free_all(list); }
};

/// One exchange under way. Its address is what libcurl's callbacks get, so it does not move.
struct Exchange {
  Request request;
  StreamHandler handler;
  Response head;
  Headers headers;
  Headers connect_to;
  CURL* easy = nullptr;
  bool stream = false;
  bool outdated = false;  // its connection was made with another identity
  bool head_told = false;
  bool closed = false;
  bool has_read = false;           // since that was last asked
  std::size_t sent = 0;            // bytes of the request's body
  std::exception_ptr thrown = {};  // by the handler; it may not pass through libcurl, so it is kept
  char error[CURL_ERROR_SIZE] = {};
  std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
};

/// Sets up `exchange.easy` for its request. Both must outlive the exchange.
void prepare(Exchange& exchange, const Connection& connection, bool stream);

/// Tells the handler the head of the response, once.
void tell_head(Exchange& exchange);

/// The Failure that a code of libcurl means: how far the exchange came.
Failure failure_of(const Exchange& exchange, CURLcode code);

/// Logs method, path, status and time; never headers, which hold credentials.
void trace(const Exchange& exchange, const std::string& outcome);

}  // namespace lotse::net
