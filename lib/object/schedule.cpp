#include "object/schedule.h"

#include <algorithm>
#include <bitset>
#include <map>
#include <set>
#include <tuple>

#include "base/error.h"
#include "base/number.h"
#include "base/strings.h"

namespace lotse::object {

namespace {

constexpr int day = 24 * 60;
constexpr int64_t most = 2147483647;
constexpr auto rule_form = "such as weekdays 07:00-09:30 = 20";

using Days = std::bitset<7>;  // Monday first

const std::vector<std::pair<std::string, Days>>& day_words() {
  static const std::vector<std::pair<std::string, Days>> words = {
      {"daily", 0b1111111}, {"weekdays", 0b0011111}, {"weekends", 0b1100000}, {"mon", 1 << 0},
      {"tue", 1 << 1},      {"wed", 1 << 2},         {"thu", 1 << 3},         {"fri", 1 << 4},
      {"sat", 1 << 5},      {"sun", 1 << 6}};
  return words;
}

struct Rule {
  Days days;
  int begin = 0;  ///< minute of the day
  int end = 0;    ///< not after `begin`: on the day after
  int64_t count = 0;
};

/// A part of the text, without white space around it, that knows where it stands.
class Part {
 public:
  Part(std::string_view all, size_t begin, size_t end) : all_(all), begin_(begin), end_(end) {
    const auto is_space = [&](size_t at) {
      return std::string_view(" \t\r\n").find(all_[at]) != std::string_view::npos;
    };
    while (begin_ < end_ && is_space(begin_)) ++begin_;
    while (end_ > begin_ && is_space(end_ - 1)) --end_;
  }

  std::string_view text() const { return all_.substr(begin_, end_ - begin_); }
  std::string quoted() const { return base::cat("'", text(), "'"); }

  std::vector<Part> split(char separator) const {
    std::vector<Part> parts;
    size_t from = begin_;
    for (size_t at = begin_; at <= end_; ++at)
      if (at == end_ || all_[at] == separator) {
        parts.emplace_back(all_, from, at);
        from = at + 1;
      }
    return parts;
  }

  /// What is before the first digit, and the rest.
  std::pair<Part, Part> split_at_digit() const {
    const auto digit = text().find_first_of("0123456789");
    const auto at = digit == std::string_view::npos ? end_ : begin_ + digit;
    return {Part(all_, begin_, at), Part(all_, at, end_)};
  }

  base::Diagnostic problem(const std::string& message, const std::string& hint = "") const {
    return {base::cat("at character ", begin_ + 1), message, hint};
  }

 private:
  std::string_view all_;
  size_t begin_;
  size_t end_;
};

/// Reads rules; what is wrong with them is collected.
class Reader {
 public:
  base::Diagnostics problems;

  Rule rule(const Part& part) {
    const auto sides = part.split('=');
    if (sides.size() != 2) {
      problems.push_back(part.problem(part.quoted() + " is no rule", rule_form));
      return {};
    }
    Rule rule;
    const auto [days, times] = sides[0].split_at_digit();
    rule.days = days_of(days);
    std::tie(rule.begin, rule.end) = times_of(times);
    rule.count = count(sides[1]);
    return rule;
  }

  int64_t count(const Part& part) {
    const auto number = base::to_integer(part.text());
    if (!number || *number < 0 || *number > most)
      problems.push_back(part.problem(
          part.text().empty() ? "a number is missing" : part.quoted() + " is no number of pods",
          "a whole number from 0"));
    return number.value_or(0);
  }

 private:
  Days days_of(const Part& part) {
    Days days;
    for (const auto& word : part.split(',')) {
      std::vector<std::string> known;
      Days found;
      for (const auto& [name, meant] : day_words()) {
        known.push_back(name);
        if (word.text() == name) found = meant;
      }
      const auto near = base::closest(word.text(), known);
      if (found.none())
        problems.push_back(
            word.problem(word.text().empty() ? "a day is missing" : word.quoted() + " is no day",
                         near.empty() ? base::join(known, ", ") : "did you mean " + near + "?"));
      days |= found;
    }
    return days;
  }

  std::pair<int, int> times_of(const Part& part) {
    const auto ends = part.split('-');
    if (ends.size() != 2) {
      problems.push_back(part.problem(part.text().empty()
                                          ? "the times are missing"
                                          : part.quoted() + " is not from when to when",
                                      "HH:MM-HH:MM"));
      return {};
    }
    const auto begin = minute(ends[0]);
    const auto end = minute(ends[1]);
    if (begin == day)
      problems.push_back(ends[0].problem("a day begins at 00:00; 24:00 is its end"));
    else if (begin >= 0 && begin == end)
      problems.push_back(
          part.problem("begins and ends at the same minute", "00:00-24:00 is all of the day"));
    return {begin, end};
  }

  /// Of the day; -1, and a problem, if it is none.
  int minute(const Part& part) {
    const auto text = part.text();
    const auto digit = [&](size_t at) { return text[at] >= '0' && text[at] <= '9'; };
    const bool form =
        text.size() == 5 && digit(0) && digit(1) && text[2] == ':' && digit(3) && digit(4);
    if (form) {
      const int hours = (text[0] - '0') * 10 + text[1] - '0';
      const int minutes = (text[3] - '0') * 10 + text[4] - '0';
      if (minutes < 60 && hours * 60 + minutes <= day) return hours * 60 + minutes;
    }
    problems.push_back(part.problem(part.quoted() + " is no time of the day",
                                    "HH:MM, from 00:00 to 24:00, such as 07:30"));
    return -1;
  }
};

void lay_under(const Rule& rule, std::vector<int64_t>& counts, int64_t none) {
  const int length = (rule.end > rule.begin ? rule.end : rule.end + day) - rule.begin;
  for (int each = 0; each < 7; ++each)
    for (int i = 0; rule.days[each] && i < length; ++i) {
      auto& count = counts[(each * day + rule.begin + i) % Schedule::week];
      if (count == none) count = rule.count;
    }
}

/// "*", "7,9", "0-4,6": a list of cron's, in which three and more in a row are a range.
std::string listed(const std::set<int>& numbers, int all) {
  if (static_cast<int>(numbers.size()) == all) return "*";
  std::vector<std::string> parts;
  for (auto at = numbers.begin(); at != numbers.end();) {
    const int first = *at;
    int last = first;
    while (++at != numbers.end() && *at == last + 1) ++last;
    if (last > first + 1)
      parts.push_back(base::cat(first, "-", last));
    else
      for (int each = first; each <= last; ++each) parts.push_back(std::to_string(each));
  }
  return base::join(parts, ",");
}

}  // namespace

Schedule Schedule::parse(std::string_view text) {
  Reader reader;
  Schedule schedule;
  const auto parts = Part(text, 0, text.size()).split(';');
  bool rules = false;
  for (const auto& part : parts) {
    constexpr std::string_view word = "else";
    const bool otherwise = part.text() == word || part.text().starts_with("else ");
    if (part.text().empty()) {
      reader.problems.push_back(part.problem("a rule is missing", rule_form));
    } else if (!otherwise) {
      rules = true;
      const auto rule = reader.rule(part);
      if (reader.problems.empty()) lay_under(rule, schedule.counts_, none);
    } else {
      if (&part != &parts.back())
        reader.problems.push_back(part.problem("else comes last: it is for all other times"));
      const auto behind = static_cast<size_t>(part.text().data() - text.data()) + word.size();
      const auto count =
          reader.count(Part(text, behind, behind + part.text().size() - word.size()));
      for (auto& each : schedule.counts_)
        if (each == none) each = count;
    }
  }
  if (reader.problems.empty() && !rules)
    reader.problems.push_back(Part(text, 0, text.size()).problem("there is no rule", rule_form));
  base::throw_if_any(std::move(reader.problems));
  if (std::adjacent_find(schedule.counts_.begin(), schedule.counts_.end(), std::not_equal_to<>()) ==
      schedule.counts_.end())
    throw base::Error({{"at character 1", base::cat("the number is always ", schedule.counts_[0]),
                        "--replicas and --min are for one that never changes"}});
  return schedule;
}

int64_t Schedule::at(int minute, int64_t otherwise) const {
  const auto count = counts_.at(minute);
  return count == none ? otherwise : count;
}

std::vector<Turn> Schedule::turns(int64_t otherwise) const {
  std::vector<int> moments;
  for (int i = 0; i < week; ++i)
    if (at(i, otherwise) != at((i + week - 1) % week, otherwise)) moments.push_back(i);
  using Numbers = std::set<int>;
  std::map<std::tuple<int64_t, int, int>, Numbers> days;  // by count, hour, minute
  std::map<std::tuple<int64_t, int, int>, int> holds;     // the same: minutes, the least of them
  for (size_t i = 0; i < moments.size(); ++i) {
    const int moment = moments[i];
    const int next = moments[(i + 1) % moments.size()];
    const std::tuple key(at(moment, otherwise), moment % day / 60, moment % 60);
    days[key].insert((moment / day + 1) % 7);  // cron's Sunday is 0
    const int length = next > moment ? next - moment : next + week - moment;
    const auto known = holds.emplace(key, length).first;
    known->second = std::min(known->second, length);
  }
  std::map<std::tuple<int64_t, Numbers, int>, Numbers> hours;  // by count, days, minute
  for (const auto& [key, on] : days)
    hours[{std::get<0>(key), on, std::get<2>(key)}].insert(std::get<1>(key));
  std::map<std::tuple<int64_t, Numbers, Numbers>, Numbers> minutes;  // by count, days, hours
  for (const auto& [key, at] : hours)
    minutes[{std::get<0>(key), std::get<1>(key), at}].insert(std::get<2>(key));
  std::vector<Turn> all;
  for (const auto& [key, at] : minutes) {
    const auto& [count, on, hour] = key;
    int shortest = week;
    for (const int h : hour)
      for (const int m : at) shortest = std::min(shortest, holds.at({count, h, m}));
    all.push_back({base::cat(listed(at, 60), " ", listed(hour, 24), " * * ", listed(on, 7)), count,
                   int64_t{60} * shortest});
  }
  return all;
}

}  // namespace lotse::object
