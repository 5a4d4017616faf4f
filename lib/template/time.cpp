#include <chrono>
#include <cstdio>
#include <regex>

#include "template/evaluator.h"
#include "template/jsone.h"

namespace lotse::tmpl::jsone {

namespace {

constexpr int64_t day_ms = 86400000;

[[noreturn]] void fail(const std::string& message) {
  throw Error("TemplateError", "", message);
}

int64_t offset_ms(const std::string& offset) {
  static const std::regex pattern(
      R"(\s*([-+])?\s*(?:(\d+)\s*y(?:ears?|r)?)?\s*(?:(\d+)\s*mo(?:nths?)?)?\s*(?:(\d+)\s*w(?:eeks?|k)?)?)"
      R"(\s*(?:(\d+)\s*d(?:ays?)?)?\s*(?:(\d+)\s*h(?:ours?)?)?\s*(?:(\d+)\s*m(?:in(?:utes?)?)?)?\s*(?:(\d+)\s*s(?:ec(?:onds?)?)?)?\s*)");
  constexpr int64_t units[] = {365 * day_ms, 30 * day_ms, 7 * day_ms, day_ms, 3600000, 60000, 1000};
  std::smatch match;
  if (offset.size() > 200 || !std::regex_match(offset, match, pattern))
    fail("not a time offset: " + offset);
  int64_t total = 0;
  for (size_t i = 0; i < 7; ++i) {
    const auto digits = match[i + 2].str();
    if (digits.size() > 6) fail("the time offset is too large: " + offset);
    if (!digits.empty()) total += std::stoll(digits) * units[i];
  }
  return match[1] == "-" ? -total : total;
}

}  // namespace

std::string move_time(const std::string& reference, const std::string& offset) {
  using namespace std::chrono;
  static const std::regex pattern(R"((\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z)");
  std::smatch match;
  if (!std::regex_match(reference, match, pattern))
    fail("not a time (2017-01-19T16:27:20.974Z): " + reference);
  const auto part = [&](size_t i) { return std::stoi(match[i].str()); };
  const year_month_day date{year(part(1)), month(static_cast<unsigned>(part(2))),
                            day(static_cast<unsigned>(part(3)))};
  const auto fraction = (match[7].str() + "000").substr(0, 3);
  auto ms = sys_days(date).time_since_epoch().count() * day_ms + part(4) * 3600000LL +
            part(5) * 60000LL + part(6) * 1000LL + std::stoi(fraction);
  ms += offset_ms(offset);
  const auto days_since = ms >= 0 ? ms / day_ms : -((-ms + day_ms - 1) / day_ms);
  const auto rest = ms - days_since * day_ms;
  const year_month_day result{sys_days(days(days_since))};
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(result.year()), static_cast<unsigned>(result.month()),
                static_cast<unsigned>(result.day()), static_cast<int>(rest / 3600000),
                static_cast<int>(rest / 60000 % 60), static_cast<int>(rest / 1000 % 60),
                static_cast<int>(rest % 1000));
  return text;
}

}  // namespace lotse::tmpl::jsone
