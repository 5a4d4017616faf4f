#pragma once

typedef void CURL;

namespace lotse::net {

/// Makes a server's certificate count only if it names its hosts where RFC 6125 wants them, in a
/// subjectAltName: libcurl would take its common name instead, which Go refuses.
void require_alternative_names(CURL* easy);

}  // namespace lotse::net
