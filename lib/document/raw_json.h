#pragma once
#include <string>
#include <string_view>
#include <vector>

/// Takes JSON text apart and puts it together without making values of it, so that lists of many
/// megabytes are passed on at the speed of their bytes. Only the structure is looked at (brackets,
/// strings), so what comes out is as right as what goes in. Throws Error(failed) where the
/// structure is broken.
namespace lotse::document {

/// A member of an object; both are views into the text.
struct RawMember {
  std::string_view key;  ///< what stands between its quotes, with escapes as they are written
  std::string_view value;
};

std::vector<RawMember> raw_members(std::string_view object);
std::vector<std::string_view> raw_elements(std::string_view array);

/// The value of the member `key`; empty if there is none.
std::string_view raw_member(std::string_view object, std::string_view key);

/// The way to a member: keys, from the outside in. Arrays on the way are passed through: it leads
/// to the members of all their elements.
using RawPath = std::vector<std::string_view>;

/// `value` without the members to which `paths` lead.
std::string without_members(std::string_view value, const std::vector<RawPath>& paths);
std::string without_members(const std::vector<RawMember>& object,
                            const std::vector<RawPath>& paths);

/// What the string to which `path` leads says, where it needs no escapes; empty if there is none.
std::string_view raw_text(std::string_view object, const RawPath& path);

/// Appends `value` indented by two spaces a level, as if it began at level `depth`, without a line
/// end.
void append_indented(std::string& out, std::string_view value, size_t depth = 0);

}  // namespace lotse::document
