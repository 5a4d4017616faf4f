#pragma once
#include <string>
#include <string_view>

namespace lotse::runner::serve {

/// Whether a Content-Type is multipart/form-data, as a browser's form and `curl -F` send it.
bool is_form(std::string_view content_type);

/// The one file in such a body (RFC 7578), or its one field if there is no file; it points into
/// `body`. Other fields are passed over. Throws Error(invalid) if there is none or more than one,
/// or if the body is not what its Content-Type says.
std::string_view only_file(std::string_view body, const std::string& content_type);

}  // namespace lotse::runner::serve
